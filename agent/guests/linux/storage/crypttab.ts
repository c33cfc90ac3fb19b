/** Encrypted volumes by UUID, as in fstab. Source: crypttab(5). */
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { FixPlan } from '../../fix.ts';
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

/** What the machine asks for before its root can be read, and nobody may be there to type. */
export function unlockFindings(text: string | undefined, { layout }: MountedRoot, name: string): Finding[] {
  const encrypted = layout?.layers.filter(({ kind }) => kind === 'encrypted') ?? [];
  const entries = parseCrypttab(text ?? '');
  return encrypted.flatMap(({ device }) => {
    const uuid = /luks-(.+)$/.exec(device)?.[1] ?? '';
    const entry = entries.find(({ spec }) => spec.toLowerCase().includes(uuid.toLowerCase()));
    // A key that lies in the initramfs or in /boot comes along.
    if (entry && /^\/(?!dev\/)/.test(entry.key)) return [];
    const isBound = /(^|,)(tpm2|fido2|pkcs11)-/.exec(entry?.options ?? '');
    const held = isBound
      ? ` Its key is in the old machine's ${isBound[2] ?? ''} device, which is not in the backup.`
      : '';
    return [
      {
        code: 'guest.passphrase-at-start',
        severity: Severity.WARN,
        subject: name,
        message: `The root lies in an encrypted volume (LUKS ${uuid}): the machine asks for its passphrase at every start, and nothing of it answers before.${held}`,
        remedy: 'Have the passphrase at hand, and a console of the target to type it on.',
      },
    ];
  });
}

interface CrypttabEntry {
  spec: string;
  /** "none", "-" or "" where it is asked for. */
  key: string;
  options: string;
}

function parseCrypttab(text: string): CrypttabEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name, spec, key = '', options = ''] = line.trim().split(/\s+/);
    return !name || name.startsWith('#') || !spec ? [] : [{ spec, key, options }];
  });
}
