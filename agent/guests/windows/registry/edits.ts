/** What is to be in a hive: applying it twice changes nothing more, and what is left of it can be asked. */
import type { HiveEditor } from './hive-editor.ts';
import { sameValue, type Registry, type RegistryValue } from './registry.ts';

export type RegistryEdit =
  | { edit: 'set'; key: string; name: string; value: RegistryValue }
  | { edit: 'remove-value'; key: string; name: string }
  /** With everything below it. */
  | { edit: 'remove-key'; key: string };

export const setValue = (key: string, name: string, value: RegistryValue): RegistryEdit => ({
  edit: 'set',
  key,
  name,
  value,
});

export const removeKey = (key: string): RegistryEdit => ({ edit: 'remove-key', key });

export const removeValue = (key: string, name: string): RegistryEdit => ({ edit: 'remove-value', key, name });

/** Those edits that would change something. */
export function outstanding(edits: readonly RegistryEdit[], registry: Registry): RegistryEdit[] {
  return edits.filter((edit) => {
    if (edit.edit === 'remove-key') return registry.hasKey(edit.key);
    const there = registry.value(edit.key, edit.name);
    return edit.edit === 'set' ? !sameValue(there, edit.value) : there !== undefined;
  });
}

export function applyEdit(edit: RegistryEdit, editor: HiveEditor): void {
  if (edit.edit === 'set') editor.setValue(edit.key, edit.name, edit.value);
  else if (edit.edit === 'remove-key') editor.removeKey(edit.key);
  else editor.removeValue(edit.key, edit.name);
}
