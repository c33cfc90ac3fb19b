/** Disks of a machine by the files of its NAS backup. */
import path from 'node:path/posix';
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware, GuestFamily, type Disk, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../source.ts';
import { serialOf } from './domain/disk-source.ts';
import { Facts } from '../facts.ts';
import type { NasDisk, NasPoint } from './nas-layout.ts';

/** Where nothing describes the machine: what the files' names say, and no more. */
export function machineOf(point: NasPoint): SourcedMachine {
  const from = point.disks[0]?.path ?? point.folder;
  const facts = new Facts(from);
  const machine: Machine = {
    name: facts.name(point.instance, 'name of the folder'),
    platform: 'cloudstack',
    guest: { family: GuestFamily.UNSPECIFIED },
    firmware: Firmware.UNSPECIFIED,
    disks: disksOf(point, facts),
    nics: [],
    tags: {},
  };
  facts.findings.push(undescribed(point));
  return facts.of(machine);
}

function undescribed({ folder }: NasPoint): Finding {
  const where = folder || 'the folder';
  const message = `${where} holds disks of a CloudStack NAS backup, but no domain-config.xml: CloudStack writes none for a VM that was stopped.`;
  const remedy =
    'To restore it as it was, put the answer of listVirtualMachines beside the disks, or the domain-config.xml of another backup of it.';
  return warn('machine.undescribed', where, message, remedy);
}

/** The root first; data disks by name, because their order is not kept. */
export function disksOf({ disks }: NasPoint, facts: Facts): Disk[] {
  const counts = { root: 0, datadisk: 0 };
  const named = disks.map((disk) => ({ disk, id: idOf(disk.role, counts[disk.role]++) }));
  if (counts.root > 1) {
    const files = disks.filter(({ role }) => role === 'root').map((disk) => disk.path);
    const message = `More than one file is called a root disk: ${files.join(', ')}; the first is taken.`;
    const remedy =
      'Keep the root disk that the machine had when the backup was taken, and move the other away.';
    facts.findings.push(warn('disk.boot-assumed', facts.file, message, remedy));
  }
  if (counts.datadisk > 1) {
    const message = `The files do not say in which order the ${counts.datadisk} data disks were attached; they are taken by name.`;
    const remedy =
      'Check drive letters and mounts after the restore, where the guest does not go by UUID or label.';
    facts.findings.push(info('disk.order-unknown', facts.file, message, remedy));
  }
  return named.map(({ disk, id }, index) => {
    const own = facts.in(disk.path);
    own.refer(id, ...namesFrom(facts.file, disk), disk.volume);
    return {
      id,
      label: own.note(`disks.${id}.label`, disk.volume, 'name of the file'),
      boot: own.note(`disks.${id}.boot`, index === 0, 'name of the file'),
    };
  });
}

function idOf(role: NasDisk['role'], index: number): string {
  return role === 'root' && index === 0 ? 'root' : `${role}${index + 1}`;
}

/** By what the volume is called; the serial that CloudStack gives a disk is the beginning of its UUID. */
export function referToFiles(sourced: SourcedMachine, point: NasPoint): SourcedMachine {
  const files = new Map<string, NasDisk>();
  for (const disk of point.disks) {
    for (const name of [serialOf(disk.volume), disk.volume]) if (name !== undefined) files.set(name, disk);
  }
  const diskReferences = new Map(sourced.diskReferences);
  for (const [id, { names }] of sourced.diskReferences) {
    const file = names.map((name) => files.get(name)).find((found) => found !== undefined);
    if (file) diskReferences.set(id, { names: [...new Set([...namesFrom(sourced.from, file), ...names])] });
  }
  return { ...sourced, diskReferences };
}

/** As the file that describes the machine would call it, and without its folder. */
function namesFrom(from: string, { path: file }: NasDisk): string[] {
  return [path.relative(`/${path.dirname(from)}`, `/${file}`), path.basename(file)];
}

export function unfinished({ leftovers }: NasPoint): Finding[] {
  return leftovers.slice(0, 1).map((file) => {
    const message = `${file} is left over from taking the backup; CloudStack deletes it when the backup is done.`;
    const remedy =
      'Check in CloudStack that this backup is in the state BackedUp; take another one where it is not.';
    return warn('backup.unfinished', file, message, remedy);
  });
}
