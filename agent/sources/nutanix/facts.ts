/** Reads the facts of one machine: each keeps its place, and what cannot be used becomes a finding. */
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { JsonNode } from '../../documents/json.ts';
import { Origins } from '../origins.ts';
import type { Size, Stated } from './description.ts';

const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_NAME = 255;

export class Facts {
  readonly origins = new Origins();
  readonly findings: Finding[] = [];
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  note<T>(fact: string, value: T, { where }: { where: string }): T {
    return where === '' ? value : this.origins.note(fact, value, this.file, where);
  }

  stated<T>(fact: string, stated: Stated<T> | undefined): T | undefined {
    return stated && this.note(fact, stated.value, stated);
  }

  text(fact: string, node: JsonNode): string | undefined {
    return this.note(fact, node.text(), node);
  }

  flag(fact: string, node: JsonNode): boolean | undefined {
    const flag = node.flag();
    if (flag === undefined && isSet(node)) this.#unusable(fact, node);
    return this.note(fact, flag, node);
  }

  /** One and up; Calm writes 0 and "" for what is not set. */
  count(fact: string, node: JsonNode): number | undefined {
    const count = node.whole();
    if (count !== undefined && count > 0n && count <= MAX_UINT32) return this.note(fact, Number(count), node);
    if (count !== 0n && isSet(node)) this.#unusable(fact, node);
    return undefined;
  }

  /** As `count`, in bytes. */
  bytes(fact: string, { node, unit }: Size): bigint | undefined {
    const units = node.whole();
    if (units !== undefined && units > 0n && units * unit <= MAX_UINT64)
      return this.note(fact, units * unit, node);
    if (units !== 0n && isSet(node)) this.#unusable(fact, node);
    return undefined;
  }

  name(node: JsonNode): string {
    const name = this.text('name', node) ?? '';
    if (name.length <= MAX_NAME) return name;
    this.findings.push(
      warn(
        'machine.name-shortened',
        this.file,
        `The name of the machine has ${name.length} characters; its first ${MAX_NAME} are used.`,
        'Give it another name with --name if another machine begins alike.',
      ),
    );
    // Not half a character of two.
    return name.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, '');
  }

  #unusable(fact: string, node: JsonNode): void {
    this.findings.push(
      info(
        'machine.value-unusable',
        fact,
        `${this.file} says ${excerpt(node)} at ${node.where}, which cannot be used for ${fact}.`,
        'Export the metadata again, or give the value when restoring.',
      ),
    );
  }
}

function isSet({ exists, value }: JsonNode): boolean {
  return exists && value !== '';
}

/** Some characters of a value, for a message. */
export function excerpt(node: JsonNode): string {
  const { value } = node;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : String(value);
}
