/** Device names in fstab become UUIDs: a name belongs to a driver, a UUID to the file system. Source: fstab(5). */
import type { FixPlan } from '../../fix.ts';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import { deviceOf, isHardwareName, type MountedRoot } from './devices.ts';

export interface FstabEntry {
  /** First field, as written. */
  spec: string;
  mountPoint: string;
  type: string;
  /** Comma separated; "" where there are none. */
  options: string;
}

export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    const [spec, mountPoint, type, options = ''] = line.trim().split(/\s+/);
    if (!spec || spec.startsWith('#') || !mountPoint || !type) return [];
    return [{ spec, mountPoint, type, options }];
  });
}

export function planFstab(text: string, mounted: MountedRoot): FixPlan {
  const { device: root, uuids } = mounted;
  const findings: FixPlan['findings'] = [];
  const changed: string[] = [];
  const lines = text.split('\n').map((line) => {
    const match = /^(\s*)(\S+)(\s+)(\S+)(\s.*)$/s.exec(line);
    const [, indent = '', spec = '', gap = '', mountPoint = '', rest = ''] = match ?? [];
    if (!match || spec.startsWith('#')) return line;
    if (!isHardwareName(spec)) {
      if (mountPoint === '/' || !TAG.test(spec) || deviceOf(spec, mounted) !== undefined) return line;
      findings.push(unresolved(spec, mountPoint));
      return withNofail(line);
    }
    // The root has been found: whatever its name was, e.g. /dev/nvme0n1p2, this is the one.
    const device = mountPoint === '/' ? root : deviceOf(spec, mounted);
    const uuid = device && uuids.get(device);
    if (uuid) {
      changed.push(mountPoint === 'none' ? spec : mountPoint);
      if (!isOnlyDisk(device, mounted)) findings.push(foundByOrder(spec, mountPoint, uuid));
      return `${indent}UUID=${uuid}${gap}${mountPoint}${rest}`;
    }
    findings.push(unresolved(spec, mountPoint));
    return withNofail(line);
  });
  const content = lines.join('\n');
  if (content === text) return { fixes: [], findings };
  const what = changed.length
    ? `name ${changed.join(', ')} by UUID`
    : 'let what is missing not stop the boot';
  return {
    fixes: [
      {
        name: 'linux.fstab',
        summary: `In /etc/fstab, ${what}.`,
        changes: [{ kind: 'write', path: '/etc/fstab', content }],
      },
    ],
    findings,
  };
}

/** A name that a file system or partition carries itself. */
const TAG = /^(?:(?:UUID|LABEL|PARTUUID|PARTLABEL)=|\/dev\/disk\/by-(?:uuid|label|partuuid|partlabel)\/)/;

function unresolved(spec: string, mountPoint: string): FixPlan['findings'][number] {
  return {
    code: 'guest.fstab-unresolved',
    severity: Severity.WARN,
    subject: mountPoint,
    message: `/etc/fstab mounts ${spec} on ${mountPoint}, but no disk of the backup holds it.`,
    remedy: `It is mounted only if it is there. Add the disk to the backup, or remove the line.`,
  };
}

/** Whether the root lies on that disk and on no other: then its letter leaves no choice. */
function isOnlyDisk(device: string, { device: root, layout }: MountedRoot): boolean {
  const hardware = layout?.layers.filter(({ kind }) => kind === 'partition' || kind === 'disk') ?? [];
  const disks = new Set((hardware.length > 0 ? hardware.map((layer) => layer.device) : [root]).map(diskOf));
  return disks.size === 1 && disks.has(diskOf(device));
}

/** "/dev/sdb1" -> "/dev/sdb". */
function diskOf(device: string): string {
  return device.replace(/\d+$/, '');
}

/** Which disk was "sdb" on the source is read off the order of the disks alone, and that can differ. */
function foundByOrder(spec: string, mountPoint: string, uuid: string): FixPlan['findings'][number] {
  return {
    code: 'guest.fstab-by-order',
    severity: Severity.WARN,
    subject: mountPoint === 'none' ? spec : mountPoint,
    message: `/etc/fstab ${mountPoint === 'none' ? `names ${spec}` : `mounts ${spec} on ${mountPoint}`}; by the order of the disks that is file system ${uuid}.`,
    remedy: 'Look at what is mounted there once the machine runs.',
  };
}

/** Fourth field: the mount options, which may be left out. */
function withNofail(line: string): string {
  if (/^\s*\S+\s+\S+\s+\S+\s*$/.test(line)) return `${line.trimEnd()} nofail`;
  return line.replace(/^(\s*\S+\s+\S+\s+\S+\s+)(\S+)/, (all, before: string, options: string) =>
    options.split(',').includes('nofail') ? all : `${before}${options},nofail`,
  );
}
