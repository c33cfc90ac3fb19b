/** Encrypted volumes by UUID, as in fstab. Source: crypttab(5). */
import { Severity } from '../../../proto/gen/ascend/v1/finding.ts';
import type { FixPlan } from '../fix.ts';
import { deviceOf, isHardwareName, type MountedRoot } from './devices.ts';

export const CRYPTTAB = '/etc/crypttab';

export function planCrypttab(text: string | undefined, root: MountedRoot): FixPlan {
  const findings: FixPlan['findings'] = [];
  const content = text?.replace(/^([ \t]*[^#\s]\S*[ \t]+)(\S+)/gm, (all, start: string, spec: string) => {
    if (!isHardwareName(spec)) return all;
    const device = deviceOf(spec, root);
    const uuid = device && root.uuids.get(device);
    if (uuid) return `${start}UUID=${uuid}`;
    findings.push({
      code: 'guest.crypttab-unresolved',
      severity: Severity.WARN,
      subject: start.trim(),
      message: `${CRYPTTAB} opens ${spec} as ${start.trim()}, but no disk of the backup holds it.`,
      remedy: 'Add the disk to the backup, or remove the line.',
    });
    return all;
  });
  if (content === undefined || content === text) return { fixes: [], findings };
  const summary = `In ${CRYPTTAB}, name encrypted volumes by UUID.`;
  return {
    fixes: [{ name: 'linux.crypttab', summary, changes: [{ kind: 'write', path: CRYPTTAB, content }] }],
    findings,
  };
}
