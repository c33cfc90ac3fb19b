/** Reads the facts of one machine from JSON: each keeps its place, and what cannot be used becomes a finding. */
import { warn } from '../../../proto/finding.ts';
import type { JsonNode } from '../../documents/json.ts';
import { Facts } from '../facts.ts';
import { bytesOf, countOf } from '../quantities.ts';
import type { Size, Stated } from './description.ts';

export class NodeFacts extends Facts {
  /** As `note`, at the place of a node. A node that is nowhere states nothing. */
  noteAt<T>(fact: string, value: T, { where }: { where: string }): T {
    return where === '' ? value : this.note(fact, value, where);
  }

  stated<T>(fact: string, stated: Stated<T> | undefined): T | undefined {
    return stated && this.noteAt(fact, stated.value, stated);
  }

  text(fact: string, node: JsonNode): string | undefined {
    return this.noteAt(fact, node.text(), node);
  }

  flag(fact: string, node: JsonNode): boolean | undefined {
    const flag = node.flag();
    if (flag === undefined && isSet(node)) this.#unusable(fact, node);
    return this.noteAt(fact, flag, node);
  }

  /** One and up; Calm writes 0 and "" for what is not set. */
  count(fact: string, node: JsonNode): number | undefined {
    return this.#positive(fact, node, countOf(node.whole()));
  }

  /** As `count`, in bytes. */
  bytes(fact: string, { node, unit }: Size): bigint | undefined {
    return this.#positive(fact, node, bytesOf(node.whole(), unit));
  }

  #positive<T>(fact: string, node: JsonNode, value: T | undefined): T | undefined {
    if (value === undefined && node.whole() !== 0n && isSet(node)) this.#unusable(fact, node);
    return this.noteAt(fact, value, node);
  }

  #unusable(fact: string, node: JsonNode): void {
    this.findings.push(
      warn(
        'machine.value-invalid',
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
