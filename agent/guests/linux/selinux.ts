/**
 * SELinux: files that a fix makes take the label of their folder, as they would in the running guest. Where a file
 * system has no labels to take, everything is labelled at the next start. Source: selinux(8), fixfiles(8).
 */
import type { Fix } from '../fix.ts';
import type { GuestFiles } from '../files.ts';

export interface SelinuxFacts {
  mode: 'enforcing' | 'permissive' | 'disabled';
  /** Whether /etc has a label. */
  isLabelled: boolean;
}

const RELABEL = '/.autorelabel';

export async function readSelinux(files: GuestFiles): Promise<SelinuxFacts> {
  const config = (await files.readText('/etc/selinux/config')) ?? '';
  const mode = /^[ \t]*SELINUX=[ \t]*(enforcing|permissive)\b/im.exec(config)?.[1]?.toLowerCase();
  return {
    mode: mode === 'enforcing' || mode === 'permissive' ? mode : 'disabled',
    isLabelled: await files.isLabelled('/etc'),
  };
}

/** `fixes`: what else is changed; nothing is relabelled for nothing. */
export function planSelinux({ mode, isLabelled }: SelinuxFacts, fixes: readonly Fix[]): Fix[] {
  if (mode !== 'enforcing' || isLabelled || fixes.length === 0) return [];
  return [
    {
      name: 'linux.selinux-relabel',
      summary:
        'Let SELinux label all files at the next start: the file system has no labels that new files could take.',
      changes: [{ kind: 'write', path: RELABEL, content: '' }],
    },
  ];
}
