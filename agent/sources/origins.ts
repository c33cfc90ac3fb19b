/** Where each fact of a machine came from, for `--explain`. */

export interface Origin {
  /** The metadata file, relative to the backup's folder. */
  file: string;
  /** The place in it: a key, a path of elements, an offset. */
  key: string;
}

/** A fact with the place that states it, while it is not decided which of several is taken. */
export interface Fact<T> extends Origin {
  value: T;
}

/** Undefined stays undefined: what a file does not say is no fact. */
export function fact<T>(value: T | undefined, file: string, key: string): Fact<T> | undefined {
  return value === undefined ? undefined : { value, file, key };
}

/** Facts are named as in the JSON shape: `memoryBytes`, `cpu.count`, `disks.scsi0:0.sizeBytes`, `nics.ethernet0.mac`. */
export class Origins {
  readonly #byFact = new Map<string, Origin>();

  /** Hands the value on, and keeps where it came from if it says anything. */
  note<T>(name: string, value: T, file: string, key: string): T {
    if (value !== undefined) this.#byFact.set(name, { file, key });
    return value;
  }

  /** The same for a fact that knows its place. */
  keep<T>(name: string, stated: Fact<T> | undefined): T | undefined {
    return stated && this.note(name, stated.value, stated.file, stated.key);
  }

  of(name: string): Origin | undefined {
    return this.#byFact.get(name);
  }

  entries(): [name: string, origin: Origin][] {
    return [...this.#byFact];
  }
}
