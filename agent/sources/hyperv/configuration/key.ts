/** A Hyper-V configuration as the tree of keys that it is, whether it was written as XML or as VMCX. */

export type Value = string | bigint | number | boolean | Buffer;

/** A key has a value or keys below it. Names may repeat among siblings (the metrics of a 2012 R2 export do). */
export class Key {
  readonly name: string;
  /** e.g. `configuration/properties/name`; for people and for `--explain`. */
  readonly where: string;
  value: Value | undefined;
  readonly children: Key[] = [];

  constructor(name: string, parent?: Key, value?: Value) {
    this.name = name;
    this.where = parent ? `${parent.where}/${name}` : name;
    this.value = value;
  }

  add(name: string, value?: Value): Key {
    const child = new Key(name, this, value);
    this.children.push(child);
    return child;
  }

  /** The first key of that name; names in a row go deeper. */
  get(...names: string[]): Key | undefined {
    return names.reduce<Key | undefined>(
      (key, name) => key?.children.find((child) => child.name === name),
      this,
    );
  }

  /** A string that is not empty. */
  get text(): string | undefined {
    return typeof this.value === 'string' && this.value !== '' ? this.value : undefined;
  }

  /** A whole number, zero and up. */
  get whole(): bigint | undefined {
    return typeof this.value === 'bigint' && this.value >= 0n ? this.value : undefined;
  }

  get flag(): boolean | undefined {
    return typeof this.value === 'boolean' ? this.value : undefined;
  }

  get bytes(): Buffer | undefined {
    return Buffer.isBuffer(this.value) ? this.value : undefined;
  }
}
