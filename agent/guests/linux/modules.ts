/** The kernel's own index of its modules. Source: modules.dep(5), depmod(8). */
import { moduleName } from './initramfs.ts';

export interface ModuleIndex {
  /** Files, relative to the module directory, that loading a module takes: its dependencies, then itself. */
  filesOf(name: string): string[] | undefined;
  has(file: string): boolean;
  isBuiltIn(name: string): boolean;
}

/** `dep` and `builtin`: text of modules.dep and modules.builtin. */
export function parseModuleIndex(dep: string, builtin: string): ModuleIndex {
  const closure = new Map<string, string[]>();
  const files = new Set<string>();
  for (const line of dep.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const file = line.slice(0, colon);
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter(Boolean);
    // modules.dep lists all dependencies, the direct ones first: loading goes backwards.
    closure.set(moduleName(file), [...needs.reverse(), file]);
    files.add(file);
  }
  const builtIn = new Set(builtin.split('\n').filter(Boolean).map(moduleName));
  return {
    filesOf: (name) => closure.get(name),
    has: (file) => files.has(file),
    isBuiltIn: (name) => builtIn.has(name),
  };
}
