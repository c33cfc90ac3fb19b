/** What was read last of files is kept: tables that are looked into again and again, objects of a bucket. */
import type { RangeReader } from '../range-reader.ts';

export interface PageOptions {
  /** Bytes that are read at once. */
  pageBytes: number;
  /** What is kept, over all files that share a pool. */
  keptBytes: number;
  /** Pages that are fetched for a reader that goes on from where it was, before it asks for them. */
  ahead: number;
}

/** 64 KiB: a table of QCOW2, which describes 512 MiB. 32 MiB in all: the tables of 256 GiB. */
export const TABLES: PageOptions = { pageBytes: 64 * 1024, keptBytes: 32 * 1024 * 1024, ahead: 0 };

/**
 * 1 MiB: a request to a bucket takes some 30 ms however little it asks for. 4 ahead: a reader that asks for one block
 * after another waits for the network once in four. 64 MiB: twice what one copy of a disk has on its way.
 */
export const OBJECTS: PageOptions = { pageBytes: 1024 * 1024, keptBytes: 64 * 1024 * 1024, ahead: 4 };

/** Pages of several files, the least used of which goes first. */
export class PagePool {
  readonly options: PageOptions;
  // In order of their last use. Promises: who asks for a page that is on its way waits for that one.
  readonly #kept = new Map<string, Promise<Buffer>>();
  #files = 0;

  constructor(options: PageOptions) {
    this.options = options;
  }

  /** The same file, read through the pool. Closing it closes `file`. */
  over(file: RangeReader): RangeReader {
    this.#files += 1;
    return new PagedFile(file, this, this.#files);
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  page(key: string, read: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#kept.get(key);
    const page = known ?? read();
    this.#kept.delete(key);
    this.#kept.set(key, page);
    if (known) return page;
    // What failed is asked for again, by who needs it next.
    page.catch(() => this.#kept.get(key) === page && this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size * this.options.pageBytes > this.options.keptBytes && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
    return page;
  }
}

class PagedFile implements RangeReader {
  readonly sizeBytes: number;
  readonly #file: RangeReader;
  readonly #pool: PagePool;
  readonly #id: number;
  /** The page behind the one that was asked for last. */
  #next = 0;

  constructor(file: RangeReader, pool: PagePool, id: number) {
    this.sizeBytes = file.sizeBytes;
    this.#file = file;
    this.#pool = pool;
    this.#id = id;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const { pageBytes } = this.#pool.options;
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - offset));
    if (wanted === 0) return Buffer.alloc(0);
    const first = Math.floor(offset / pageBytes);
    const last = Math.floor((offset + wanted - 1) / pageBytes);
    const asked: Promise<Buffer>[] = [];
    for (let index = first; index <= last; index += 1) asked.push(this.#page(index));
    this.#fetchAhead(first, last);
    const pages = await Promise.all(asked);
    const [only] = pages;
    const bytes = pages.length === 1 && only ? only : Buffer.concat(pages);
    return bytes.subarray(offset - first * pageBytes, offset - first * pageBytes + wanted);
  }

  #page(index: number): Promise<Buffer> {
    const { pageBytes } = this.#pool.options;
    return this.#pool.page(this.#key(index), () => this.#file.read(index * pageBytes, pageBytes));
  }

  #fetchAhead(first: number, last: number): void {
    const { ahead, pageBytes } = this.#pool.options;
    // Several requests are on their way at once, so that they come in nearly in order, not quite.
    const goesOn = Math.abs(first - this.#next) <= ahead;
    this.#next = last + 1;
    if (!goesOn) return;
    const end = Math.min(last + ahead, Math.floor((this.sizeBytes - 1) / pageBytes));
    for (let index = last + 1; index <= end; index += 1) {
      if (!this.#pool.has(this.#key(index))) void this.#page(index);
    }
  }

  #key(index: number): string {
    return `${this.#id}:${index}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}
