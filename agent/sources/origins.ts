/** Where each fact of a machine came from, for `--explain`. */

export interface Origin {
  /** The metadata file, relative to the backup's folder. */
  file: string;
  /** The place in it: a key, a path of elements, an offset. */
  key: string;
}

/** Facts are named as in the JSON shape: `memoryBytes`, `cpu.count`, `disks.scsi0:0.sizeBytes`, `nics.ethernet0.mac`. */
export class Origins {
  readonly #byFact = new Map<string, Origin>();

  /** Hands the value on, and keeps where it came from if it says anything. */
  note<T>(fact: string, value: T, file: string, key: string): T {
    if (value !== undefined) this.#byFact.set(fact, { file, key });
    return value;
  }

  of(fact: string): Origin | undefined {
    return this.#byFact.get(fact);
  }

  entries(): [fact: string, origin: Origin][] {
    return [...this.#byFact];
  }
}
