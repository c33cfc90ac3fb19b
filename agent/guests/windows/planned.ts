/** Fixes of a registry: only what is not yet as it should be. */
import type { Fix } from '../fix.ts';
import { outstanding, type RegistryEdit } from './registry/edits.ts';
import type { Registry } from './registry/registry.ts';

/** One fix, or none where the hive says all of it already. */
export function registryFix(
  name: string,
  summary: string,
  hive: { path: string; registry: Registry },
  edits: readonly RegistryEdit[],
): Fix[] {
  const left = outstanding(edits, hive.registry);
  return left.length > 0
    ? [{ name, summary, changes: [{ kind: 'registry', path: hive.path, edits: left }] }]
    : [];
}
