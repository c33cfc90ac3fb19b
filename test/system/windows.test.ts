/**
 * Phony Windows, made ready for every kind of target in a real libguestfs session. What was written is read by others:
 * hivexregedit exports the hives, and libguestfs' own inspection says what it takes the disks for.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { buildWindows } from '../guests/windows.ts';
import { writeVirtioWin, writeVmwareTools } from '../guests/windows/driver-trees.ts';
import { BOOT_ENTRY, edition, editions, phony } from '../guests/windows/editions.ts';
import { tcg } from '../guests/debian12.ts';

let disks: string;
let work: string;
const scratch = (name: string): string => path.join(work, name);

beforeAll(async () => {
  disks = await buildWindows();
  work = await mkdtemp(path.join(tmpdir(), 'windows-'));
  await writeVirtioWin(scratch('virtio-win'));
  await writeVmwareTools(scratch('vmware-tools'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function overlay(id: string): Promise<string> {
  const file = scratch(`${id}.qcow2`);
  await execa('qemu-img', [
    'create',
    '-f',
    'qcow2',
    '-F',
    'qcow2',
    '-b',
    path.join(disks, `${id}.qcow2`),
    file,
  ]);
  return file;
}

function openGuest(disk: string): Promise<GuestSession> {
  const acceleration = () => Promise.resolve({ kvm: false });
  return GuestSession.open({
    disks: [disk],
    readOnly: false,
    acceleration,
    signal: new AbortController().signal,
    tempDir: work,
  });
}

const nic = { mac: phony.mac, guestNames: [], addressing: 'keep' as const };

function wantsOf(id: string, changes: Partial<GuestRequirements>): GuestRequirements {
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
const targets = (): Record<string, Partial<GuestRequirements>> => ({
  kvm: {
    guestAgent: 'qemu-guest-agent',
    serialConsole: 'ttyS0',
    supplies: { drivers: scratch('virtio-win') },
  },
  hyperv: { storage: 'storvsc', network: 'netvsc', guestAgent: 'hyperv-daemons' },
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
    supplies: { drivers: scratch('vmware-tools') },
  },
});

/** Plans and repairs for one target after another; what was found for each. */
async function convertFor(session: GuestSession, id: string, kinds: readonly string[]) {
  const codes: Record<string, string[]> = {};
  for (const kind of kinds) {
    const wants = wantsOf(id, targets()[kind] ?? {});
    const plan = await planRepair(session, wants);
    codes[kind] = plan.findings.map(({ code }) => code);
    // It plans again by itself, and throws where anything is left to do.
    await repair(session, plan, () => undefined);
    await unmount(session);
  }
  return codes;
}

async function unmount(session: GuestSession): Promise<void> {
  await session.call('umount-all');
  for (const mountPoint of ['/c', '/esp', '/system'])
    await session.call('rmmountpoint', mountPoint).catch(() => undefined);
}

/** What hivex makes of a hive in the guest: "[key]" and "name=value" lines. */
async function exported(session: GuestSession, device: string, hive: string): Promise<string> {
  await session.call('mount-ro', device, '/');
  const local = await session.fetch(hive, 64 * 1024 * 1024);
  await session.call('umount-all');
  const { stdout } = await execa('hivexregedit', ['--export', '--unsafe-printable-strings', local, '\\']);
  return stdout;
}

function keyOf(text: string, key: string): string {
  return text.split('\n\n').find((block) => block.startsWith(`[\\${key}]`)) ?? '';
}

test('the phonies are what libguestfs takes for Windows', async () => {
  const { stdout } = await execa(
    'guestfish',
    ['--ro', ...editions.flatMap(({ id }) => ['-a', path.join(disks, `${id}.qcow2`)])],
    {
      input: `run\n${editions.map((_, index) => inspection(`/dev/sd${'abcdefgh'[index]}2`)).join('\n')}\n`,
      env: tcg,
    },
  );
  for (const { productName } of editions) expect(stdout).toContain(productName);
  expect(stdout.match(/^x86_64$/gm)).toHaveLength(editions.length);
  expect(stdout.match(/^6$|^10$/gm)).toEqual(editions.map(({ build }) => (build < 10240 ? '6' : '10')));
});

function inspection(root: string): string {
  const about = ['product-name', 'arch', 'major-version'].map((what) => `-inspect-get-${what} ${root}`);
  return ['-inspect-os', ...about].slice(root === '/dev/sda2' ? 0 : 1).join('\n');
}

describe('a Windows Server 2022 that starts by UEFI', () => {
  test('is made ready for every target, one after the other, in one session', async () => {
    const disk = await overlay('win2022');
    await using session = await openGuest(disk);
    expect(await convertFor(session, 'win2022', ['kvm', 'ec2', 'vmware'])).toEqual({
      kvm: [],
      ec2: ['guest.windows-no-network-driver'],
      vmware: [],
    });
    const system = await exported(session, '/dev/sda2', '/Windows/System32/config/SYSTEM');
    const set = 'ControlSet001';
    for (const service of ['viostor', 'stornvme', 'pvscsi'])
      expect(keyOf(system, `${set}\\Services\\${service}`)).toContain('"Start"=dword:00000000');
    expect(system).not.toContain('StartOverride');
    expect(keyOf(system, 'DriverDatabase\\DriverInfFiles\\viostor.inf')).toContain(
      'viostor.inf_amd64_0000000000000000',
    );
    for (const device of ['VEN_1AF4&DEV_1001&REV_00', 'VEN_15AD&DEV_07C0'])
      expect(keyOf(system, `DriverDatabase\\DeviceIds\\PCI\\${device}`)).toContain('=hex(3):01,ff,00,00');
    expect(keyOf(system, 'DriverDatabase\\DeviceIds\\PCI\\CC_0106')).toContain('"mshdc.inf"');
    expect(keyOf(system, `${set}\\Services\\partmgr\\Parameters`)).toContain('"SanPolicy"=dword:00000001');
    expect(keyOf(system, `${set}\\Control\\Terminal Server`)).toContain(
      '"fDenyTSConnections"=dword:00000000',
    );
    expect(system).toMatch(/"RemoteDesktop-UserMode-In-TCP".*Active=TRUE/);
    expect(keyOf(system, `${set}\\Services\\VMTools`)).toContain('"Start"=dword:00000004');
    expect(keyOf(system, `${set}\\Services\\AscendFirstBoot`)).toContain('first-boot.cmd');

    const software = await exported(session, '/dev/sda2', '/Windows/System32/config/SOFTWARE');
    expect(software).toMatch(/"DevicePath".*inf;%SystemRoot%.*Drivers.*Ascend/);
    const boot = await exported(session, '/dev/sda1', '/EFI/Microsoft/Boot/BCD');
    expect(keyOf(boot, `Objects\\${BOOT_ENTRY}\\Elements\\260000b0`)).toContain('hex(3):01');
    expect(boot).not.toContain('16000046');

    await session.call('mount-ro', '/dev/sda2', '/');
    expect(await session.list('/Windows/Drivers/Ascend')).toEqual(
      expect.arrayContaining(['netkvm.inf', 'netkvm.sys', 'netkvm.cat', 'vmxnet3.sys']),
    );
    expect(await session.list('/Windows/Drivers/Ascend')).not.toContain('viostor.pdb');
    expect(await session.readText('/Windows/System32/drivers/viostor.sys')).toBe(
      'driver viostor/2k22/amd64\n',
    );
    const addresses = await session.readText('/Windows/Ascend/addresses.ps1');
    expect(addresses).toContain(`MACAddress='${phony.mac.toUpperCase()}'`);
    expect(addresses).toContain(`static ${phony.address} ${phony.mask} ${phony.gateway} 1`);
    await session.call('umount-all');
    await session.call('mount-ro', '/dev/sda1', '/');
    expect(await session.test('is-file', '/EFI/Boot/bootx64.efi')).toBe(true);
  });
});

describe('a Windows Server 2008 R2 in upper-case folders that starts by BIOS', () => {
  test('gets its drivers where it looks for them, in both control sets', async () => {
    const disk = await overlay('win2008r2');
    await using session = await openGuest(disk);
    expect(await convertFor(session, 'win2008r2', ['kvm', 'hyperv'])).toEqual({ kvm: [], hyperv: [] });
    const system = await exported(session, '/dev/sda2', '/WINDOWS/SYSTEM32/CONFIG/SYSTEM');
    for (const set of ['ControlSet001', 'ControlSet002']) {
      const device = `${set}\\Control\\CriticalDeviceDatabase\\PCI#VEN_1AF4&DEV_1001&REV_00`;
      expect(keyOf(system, device)).toContain('viostor');
      for (const service of ['viostor', 'storvsc', 'vmbus', 'storflt', 'intelide', 'atapi'])
        expect(keyOf(system, `${set}\\Services\\${service}`)).toContain('"Start"=dword:00000000');
    }
    expect(system).not.toContain('DriverDatabase');
    // Nothing but NVMe of its own: the machine would stop at its first start.
    const plan = await planRepair(session, wantsOf('win2008r2', targets().ec2 ?? {}));
    expect(plan.findings.map(({ code }) => code)).toContain('guest.windows-no-boot-driver');
    await unmount(session);
    await session.call('mount-ro', '/dev/sda2', '/');
    expect(await session.readText('/WINDOWS/SYSTEM32/drivers/viostor.sys')).toBe(
      'driver viostor/2k8R2/amd64\n',
    );
  });
});

describe('what Windows must be started for', () => {
  test('is told before anything is copied: hibernation, BitLocker, a dynamic disk, the other firmware', async () => {
    const disk = await overlay('win2012r2');
    await using session = await openGuest(disk);
    const codes = async (changes: Partial<GuestRequirements>) => {
      const { findings } = await planRepair(
        session,
        wantsOf('win2012r2', { storage: 'nvme', network: 'e1000e', ...changes }),
      );
      await unmount(session);
      return findings.map(({ code }) => code);
    };
    expect(await codes({})).toEqual([]);
    expect(await codes({ firmware: Firmware.UEFI })).toEqual(['guest.windows-firmware']);

    await session.call('mount', '/dev/sda2', '/');
    await session.write('/hiberfil.sys', Buffer.concat([Buffer.from('HIBR'), Buffer.alloc(8188)]));
    await session.call('umount-all');
    expect(await codes({})).toEqual(['guest.windows-hibernated']);

    await session.call('part-set-mbr-id', '/dev/sda', '2', '0x42');
    expect(await codes({})).toEqual(['guest.windows-dynamic-disk']);
    await session.call('part-set-mbr-id', '/dev/sda', '2', '7');
    await session.call('pwrite-device', '/dev/sda2', '-FVE-FS-', '3');
    expect(await codes({})).toEqual(['guest.windows-bitlocker']);
  });
});
