/** What packages a guest has, from the database of dpkg: text, which is read without running anything. */
import type { GuestFiles } from '../../../files.ts';
import { parseParagraph, parseProvisions } from './control.ts';
import type { Provision } from './package.ts';

export interface DpkgFacts {
  /** The guest's own, e.g. "amd64". */
  arch: string;
  /** By name; what several processors have side by side, once for each. */
  installed: ReadonlyMap<string, readonly Installed[]>;
}

export interface Installed {
  version: string;
  arch: string;
  /** What else it stands for. */
  provides: readonly Provision[];
}

const STATUS = '/var/lib/dpkg/status';

/** Undefined where dpkg is not what installs packages there. Source: dpkg-query(1), deb-control(5). */
export async function readDpkg(files: GuestFiles): Promise<DpkgFacts | undefined> {
  const text = await files.readText(STATUS);
  if (text === undefined || text.trim() === '') return undefined;
  return parseStatus(text);
}

export function parseStatus(text: string): DpkgFacts | undefined {
  const installed = new Map<string, Installed[]>();
  for (const part of text.split(/\n\n+/)) {
    const fields = parseParagraph(part);
    const [name, version, arch] = ['package', 'version', 'architecture'].map((field) => fields.get(field));
    if (!name || !version || !arch || !fields.get('status')?.endsWith(' installed')) continue;
    const provides = parseProvisions(fields.get('provides'));
    installed.set(name, [...(installed.get(name) ?? []), { version, arch, provides }]);
  }
  // dpkg itself is never for a foreign processor.
  const arch = installed.get('dpkg')?.[0]?.arch;
  return arch === undefined ? undefined : { arch, installed };
}
