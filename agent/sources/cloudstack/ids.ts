/** Identifiers of one machine's disks, or of its NICs: each once, whatever the metadata repeats. */
export class Ids {
  readonly #taken = new Set<string>();

  /** The device's own, where it is of that shape (which knows no "#") and free; else its place among its like. */
  take(own: string | undefined, shape: RegExp, kind: string, index: number): string {
    const choices = [own !== undefined && shape.test(own) ? own : '', `${kind}${index}`, `${kind}#${index}`];
    const id = choices.find((choice) => choice !== '' && !this.#taken.has(choice)) ?? `${kind}#${index}`;
    this.#taken.add(id);
    return id;
  }
}
