/** Members of v4 objects: the REST API writes `memorySizeBytes`, the SDKs and Ansible `memory_size_bytes`. */
import type { JsonNode } from '../../documents/json.ts';

/** By its name in the REST API; names in a row go deeper. */
export function field(node: JsonNode, ...names: string[]): JsonNode {
  return names.reduce((parent, name) => parent.first(name, snakeCase(name)), node);
}

export function hasField(node: JsonNode, name: string): boolean {
  return node.has(name) || node.has(snakeCase(name));
}

/** The last part of `$objectType`, e.g. "UefiBoot" of `vmm.v4.ahv.config.UefiBoot`. */
export function typeOf(node: JsonNode): string | undefined {
  return /^[a-z]{1,32}\.v\d[\w.]{0,100}\.(\w{1,60})$/.exec(objectType(node) ?? '')?.[1];
}

/** Releases differ in how they write it: `$objectType`, `_object_type`, `$object_type`. */
function objectType(node: JsonNode): string | undefined {
  return node.first('$objectType', '_object_type', '$object_type').text();
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
