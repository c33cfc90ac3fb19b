/**
 * Phony Windows, made ready for every kind of target in a real libguestfs session. What was written is read by others:
 * hivexregedit exports the hives, and libguestfs' own inspection says what it takes the disks for.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import type { GuestRequirements } from '../../agent/guests/requirements.ts';
import { HiveEditor } from '../../agent/guests/windows/registry/hive-editor.ts';
import { cutOff, entryLog } from '../../agent/guests/windows/registry/log.fixture.ts';
import { dword } from '../../agent/guests/windows/registry/registry.ts';
import { leaveLogOpen, markForCheck } from '../guests/ntfs-marks.ts';
import {
  convertFor,
  exported,
  inspected,
  keyOf,
  openEdition,
  targetsOf,
  unmountAll,
  wantsOf,
  writeSupplies,
} from '../guests/windows-conversion.ts';
import { buildWindows } from '../guests/windows.ts';
import { BOOT_ENTRY, phony } from '../guests/windows/editions.ts';

let disks: string;
let work: string;

beforeAll(async () => {
  disks = await buildWindows();
  work = await mkdtemp(path.join(tmpdir(), 'windows-'));
  await writeSupplies({ disks, work });
});

afterAll(() => rm(work, { recursive: true, force: true }));

describe('a Windows Server 2022 that starts by UEFI', () => {
  test('is made ready for every target, one after the other, in one session', async () => {
    await using session = await openEdition({ disks, work }, 'win2022');
    const proven = [
      { about: 'storage', holds: true },
      { about: 'network', holds: true },
    ];
    expect(await convertFor(session, 'win2022', ['kvm', 'ec2', 'vmware'], { disks, work })).toMatchObject({
      kvm: { findings: [], proofs: proven },
      ec2: { findings: ['guest.windows-no-network-driver'], proofs: [proven[0], { holds: false }] },
      vmware: { findings: [], proofs: proven },
    });
    expect(await inspected(session)).toEqual({ product: 'Windows Server 2022 Standard', arch: 'x86_64' });
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
    await using session = await openEdition({ disks, work }, 'win2008r2');
    expect(await convertFor(session, 'win2008r2', ['kvm', 'hyperv'], { disks, work })).toMatchObject({
      kvm: { findings: ['guest.windows-no-sha2'] },
      hyperv: { findings: [] },
    });
    expect((await inspected(session)).product).toBe('Windows Server 2008 R2 Standard');
    const system = await exported(session, '/dev/sda2', '/WINDOWS/SYSTEM32/CONFIG/SYSTEM');
    for (const set of ['ControlSet001', 'ControlSet002']) {
      const device = `${set}\\Control\\CriticalDeviceDatabase\\PCI#VEN_1AF4&DEV_1001&REV_00`;
      expect(keyOf(system, device)).toContain('viostor');
      for (const service of ['viostor', 'storvsc', 'vmbus', 'storflt', 'intelide', 'atapi'])
        expect(keyOf(system, `${set}\\Services\\${service}`)).toContain('"Start"=dword:00000000');
    }
    expect(system).not.toContain('DriverDatabase');
    // Nothing but NVMe of its own: the machine would stop at its first start.
    const plan = await planRepair(session, wantsOf('win2008r2', targetsOf({ disks, work }).ec2));
    expect(plan.findings.map(({ code }) => code)).toContain('guest.windows-no-boot-driver');
    await unmountAll(session);
    await session.call('mount-ro', '/dev/sda2', '/');
    expect(await session.readText('/WINDOWS/SYSTEM32/drivers/viostor.sys')).toBe(
      'driver viostor/2k8R2/amd64\n',
    );
  });
});

describe('what a backup of a running Windows holds', () => {
  /** As a running Windows leaves its registry: what it has set last is in a log beside the hive. */
  async function leaveHiveOpen(session: GuestSession): Promise<void> {
    const config = '/Windows/System32/config';
    await session.call('mount', '/dev/sda2', '/');
    const local = await session.fetch(`${config}/SYSTEM`, 64 * 1024 * 1024);
    const before = await readFile(local);
    using editor = new HiveEditor(local, 'SYSTEM', new Date());
    editor.setValue('ControlSet001\\Services\\Newest', 'Start', dword(3));
    editor.seal();
    await session.write(`${config}/SYSTEM`, cutOff(before));
    const log = entryLog([before, await readFile(local)], before.readUInt32LE(8) + 1);
    await session.write(`${config}/SYSTEM.LOG1`, log);
    await session.call('umount-all');
  }

  test('is made whole or told, before anything is copied', async () => {
    await using session = await openEdition({ disks, work }, 'win2012r2');
    const planFor = async (changes: Partial<GuestRequirements>) => {
      const wants = wantsOf('win2012r2', { storage: 'nvme', network: 'e1000e', ...changes });
      return planRepair(session, wants);
    };
    const codes = async (changes: Partial<GuestRequirements> = {}) => {
      const { findings } = await planFor(changes);
      await unmountAll(session);
      return findings.map(({ code }) => code);
    };
    await leaveHiveOpen(session);
    await markForCheck(session, '/dev/sda2');
    await leaveLogOpen(session, '/dev/sda2');
    const plan = await planFor({});
    expect(plan.findings.map(({ code }) => code)).toEqual([
      'guest.windows-unclean',
      'guest.windows-volume-check',
      'guest.windows-registry-recovered',
    ]);
    await repair(session, plan, () => undefined);
    await unmountAll(session);
    const system = await exported(session, '/dev/sda2', '/Windows/System32/config/SYSTEM');
    expect(keyOf(system, 'ControlSet001\\Services\\Newest')).toContain('"Start"=dword:00000003');
    expect(keyOf(system, 'ControlSet001\\Services\\stornvme')).toContain('"Start"=dword:00000000');
    expect((await inspected(session)).product).toBe('Windows Server 2012 R2 Standard');
    expect(await codes({ firmware: Firmware.UEFI })).toContain('guest.windows-firmware');

    await session.call('mount', '/dev/sda2', '/');
    await session.write('/hiberfil.sys', Buffer.concat([Buffer.from('HIBR'), Buffer.alloc(8188)]));
    await session.call('umount-all');
    expect(await codes()).toContain('guest.windows-hibernated');

    await session.call('part-set-mbr-id', '/dev/sda', '2', '0x42');
    expect(await codes()).toEqual(['guest.windows-dynamic-disk']);
    await session.call('part-set-mbr-id', '/dev/sda', '2', '7');
    await session.call('pwrite-device', '/dev/sda2', '-FVE-FS-', '3');
    expect(await codes()).toEqual(['guest.windows-bitlocker']);
  });
});
