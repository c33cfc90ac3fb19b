/** The tree as JSON, as decoders of VMCX print it: an object a key, bytes as `{"$bytes_base64": "..."}`. */
import type { JsonNode } from '../../../documents/json.ts';
import { Key, type Value } from './key.ts';

const BYTES = '$bytes_base64';

export function isDecodedConfiguration(root: JsonNode): boolean {
  const configuration = root.get('configuration');
  return (
    configuration.get('properties').has('type_id') &&
    (configuration.has('settings') || configuration.has('manifest'))
  );
}

/** The depth of JSON is bounded where it is parsed. */
export function keyOfDecoded(root: JsonNode): Key {
  const key = new Key('configuration');
  fill(key, root.get('configuration'));
  return key;
}

function fill(parent: Key, node: JsonNode): void {
  for (const [name, member] of node.members()) {
    if (member.has(BYTES)) parent.add(name, Buffer.from(member.get(BYTES).text() ?? '', 'base64'));
    else fill(parent.add(name, valueOf(member)), member);
  }
}

function valueOf({ value }: JsonNode): Value | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint'
    ? value
    : undefined;
}
