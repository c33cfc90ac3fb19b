/** Hives that a repair writes into: fetched once each, written back once, however many fixes change them. */
import type { GuestSession } from '../../guest.ts';
import { applyEdit, type RegistryEdit } from './edits.ts';
import { fetchHive } from './fetch-hive.ts';
import { HiveEditor } from './hive-editor.ts';

export class OpenHives implements Disposable {
  readonly #session: GuestSession;
  readonly #open = new Map<string, HiveEditor>();

  constructor(session: GuestSession) {
    this.#session = session;
  }

  async edit(guestPath: string, edits: readonly RegistryEdit[]): Promise<void> {
    const editor = this.#open.get(guestPath) ?? (await this.#fetch(guestPath));
    for (const edit of edits) applyEdit(edit, editor);
  }

  async save(): Promise<void> {
    for (const [guestPath, editor] of this.#open) {
      // Only what has changed: under emulation NTFS takes 2.5 MB/s, and SOFTWARE may have 150 MB.
      for (const { offset, bytes } of editor.seal()) await this.#session.writeAt(guestPath, bytes, offset);
    }
    this[Symbol.dispose]();
  }

  async #fetch(guestPath: string): Promise<HiveEditor> {
    const { localPath, replayed } = await fetchHive(this.#session, guestPath);
    const editor = new HiveEditor(localPath, guestPath, new Date(), replayed);
    this.#open.set(guestPath, editor);
    return editor;
  }

  [Symbol.dispose](): void {
    for (const editor of this.#open.values()) editor[Symbol.dispose]();
    this.#open.clear();
  }
}
