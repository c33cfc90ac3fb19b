/** Phony Windows in real libguestfs sessions: made ready for every kind of target, and read back by programs of others. */
import path from 'node:path';
import { execa } from 'execa';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { ContentProof } from '../../agent/guests/proof.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { edition, phony } from './windows/editions.ts';
import { writeVirtioWin, writeVmwareTools } from './windows/driver-trees.ts';

export interface Workshop {
  /** Folder of the phonies' disks. */
  disks: string;
  /** Scratch folder, with the drivers that a user supplies. */
  work: string;
}

export async function writeSupplies({ work }: Workshop): Promise<void> {
  await writeVirtioWin(path.join(work, 'virtio-win'));
  await writeVmwareTools(path.join(work, 'vmware-tools'));
}

/** A session over an overlay of an edition's disk. */
export async function openEdition({ disks, work }: Workshop, id: string): Promise<GuestSession> {
  const overlay = path.join(work, `${id}.qcow2`);
  const backing = path.join(disks, `${id}.qcow2`);
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, overlay]);
  const acceleration = () => Promise.resolve({ kvm: false });
  const signal = new AbortController().signal;
  return GuestSession.open({ disks: [overlay], readOnly: false, acceleration, signal, tempDir: work });
}

const nic = { mac: phony.mac, guestNames: [], addressing: 'keep' as const };

export function wantsOf(id: string, changes: Partial<GuestRequirements>): GuestRequirements {
  return {
    firmware: edition(id).firmware === 'uefi' ? Firmware.UEFI : Firmware.BIOS,
    storage: 'virtio-blk',
    network: 'virtio-net',
    serialConsole: undefined,
    kernelArguments: [],
    guestAgent: undefined,
    cloud: undefined,
    nics: [nic],
    supplies: {},
    ...changes,
  };
}

/** As the adapters of those targets ask; the drivers are the user's. */
export function targetsOf({ work }: Workshop) {
  return {
    kvm: {
      guestAgent: 'qemu-guest-agent',
      serialConsole: 'ttyS0',
      supplies: { drivers: path.join(work, 'virtio-win') },
    },
    hyperv: { storage: 'storvsc', network: 'netvsc', guestAgent: 'hyperv-daemons' },
    azure: {
      storage: 'storvsc',
      network: 'netvsc',
      guestAgent: 'azure-agent',
      cloud: 'azure',
      serialConsole: 'ttyS0',
      nics: [{ ...nic, addressing: 'dhcp' }],
    },
    ec2: {
      storage: 'nvme',
      network: 'ena',
      guestAgent: 'ssm-agent',
      cloud: 'ec2',
      serialConsole: 'ttyS0',
      nics: [{ ...nic, addressing: 'dhcp' }],
    },
    vmware: {
      storage: 'pvscsi',
      network: 'vmxnet3',
      guestAgent: 'vmware-tools',
      supplies: { drivers: path.join(work, 'vmware-tools') },
    },
  } satisfies Record<string, Partial<GuestRequirements>>;
}

export type Kind = keyof ReturnType<typeof targetsOf>;

export interface Outcome {
  /** Codes of findings. */
  findings: string[];
  proofs: ContentProof[];
}

/** Plans and repairs for one target after another in the same guest. */
export async function convertFor(
  session: GuestSession,
  id: string,
  kinds: readonly Kind[],
  workshop: Workshop,
): Promise<Partial<Record<Kind, Outcome>>> {
  const outcomes: Partial<Record<Kind, Outcome>> = {};
  for (const kind of kinds) {
    const plan = await planRepair(session, wantsOf(id, targetsOf(workshop)[kind]));
    // It plans again by itself, and throws where anything is left to do.
    await repair(session, plan, () => undefined);
    outcomes[kind] = { findings: plan.findings.map(({ code }) => code), proofs: plan.prove() };
    await unmountAll(session);
  }
  return outcomes;
}

export async function unmountAll(session: GuestSession): Promise<void> {
  await session.call('umount-all');
  for (const mountPoint of ['/c', '/esp', '/system'])
    await session.call('rmmountpoint', mountPoint).catch(() => undefined);
}

/** What hivex makes of a hive in the guest: "[key]" and "name=value" lines. */
export async function exported(session: GuestSession, device: string, hive: string): Promise<string> {
  await session.call('mount-ro', device, '/');
  const local = await session.fetch(hive, 64 * 1024 * 1024);
  await session.call('umount-all');
  const { stdout } = await execa('hivexregedit', ['--export', '--unsafe-printable-strings', local, '\\']);
  return stdout;
}

export function keyOf(text: string, key: string): string {
  return text.split('\n\n').find((block) => block.startsWith(`[\\${key}]`)) ?? '';
}

/** What libguestfs' own inspection takes the disk for. */
export async function inspected(session: GuestSession): Promise<{ product: string; arch: string }> {
  const [root = ''] = await session.lines('inspect-os');
  return {
    product: await session.call('inspect-get-product-name', root),
    arch: await session.call('inspect-get-arch', root),
  };
}
