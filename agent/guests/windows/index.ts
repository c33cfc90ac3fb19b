/** The Windows fixer. What was proven, and against what: README.md. */
import type { GuestFixer } from '../fix.ts';
import { readInstallation, type WindowsFacts } from './facts.ts';
import { windowsFindings } from './findings.ts';
import { mountWindows } from './mount.ts';
import { listVolumes } from './volumes.ts';

export const windows: GuestFixer<WindowsFacts> = {
  family: 'windows',
  async inspect(session) {
    const volumes = await listVolumes(session);
    const mounted = await mountWindows(session, volumes);
    if (mounted) return { volumes, installation: await readInstallation(session, mounted) };
    // Locked volumes of another disk say nothing of what the machine starts.
    const locked = volumes.some(({ disk, kind }) => disk === 0 && (kind === 'bitlocker' || kind === 'ldm'));
    return locked ? { volumes, installation: undefined } : undefined;
  },
  async reinspect(session, { volumes, installation }) {
    return {
      volumes,
      installation: installation && (await readInstallation(session, installation.mounted)),
    };
  },
  plan(facts, wants) {
    return { fixes: [], findings: windowsFindings(facts, wants) };
  },
};
