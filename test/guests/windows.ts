/**
 * Phony Windows: a real partition table, real NTFS and FAT, real registry hives and boot data, and nothing that runs.
 * hivexregedit fills the hives and libguestfs lays the disks: neither has seen the agent's own code.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '../../agent/exec.ts';
import { cachedGuest } from './cache.ts';
import { tcg } from './debian12.ts';
import {
  bootContent,
  driverFiles,
  editions,
  softwareContent,
  systemContent,
  type Edition,
} from './windows/editions.ts';
import { emptyHive } from '../../agent/guests/windows/registry/empty-hive.fixture.ts';
import { regFile, type RegistryContent } from './windows/reg-file.ts';
import { stubPe } from './windows/stub-pe.ts';

const parts = path.join(import.meta.dirname, 'windows');
const emptyHiveSource = path.join(
  import.meta.dirname,
  '../../agent/guests/windows/registry/empty-hive.fixture.ts',
);
const DISK_BYTES = 160 * 1024 * 1024;

/** Folder with a disk for each edition: `<id>.qcow2`. The first call on a machine takes about a minute. */
export async function buildWindows(): Promise<string> {
  const { folder } = await cachedGuest({
    name: 'windows',
    inputs: [parts, path.join(import.meta.dirname, 'windows.ts'), emptyHiveSource],
    build,
  });
  return folder;
}

async function build(folder: string): Promise<void> {
  const work = path.join(folder, 'work');
  const script = editions.map(({ id }) => `sparse ${path.join(folder, `${id}.raw`)} ${DISK_BYTES}`);
  script.push('run');
  for (const [index, of] of editions.entries())
    script.push(
      ...diskScript(of, `/dev/sd${'abcdefgh'[index]}`, await writeVolumes(path.join(work, of.id), of)),
    );
  // One launch for all.
  await exec('guestfish', ['--rw'], { input: `${script.join('\n')}\n`, env: tcg });
  for (const { id } of editions) {
    const raw = path.join(folder, `${id}.raw`);
    await exec('qemu-img', ['convert', '-O', 'qcow2', raw, path.join(folder, `${id}.qcow2`)]);
    await rm(raw);
  }
  await rm(work, { recursive: true });
}

/** What is on the volume that starts, and on Windows' own: an archive each, because a file at a time takes minutes. */
interface Volumes {
  boot: string;
  windows: string;
}

async function writeVolumes(folder: string, of: Edition): Promise<Volumes> {
  const boot = path.join(folder, 'boot');
  const bootFolder = path.join(boot, of.firmware === 'uefi' ? 'EFI/Microsoft/Boot' : 'Boot');
  await mkdir(bootFolder, { recursive: true });
  await writeHive(path.join(bootFolder, 'BCD'), 3, bootContent());
  await writeFile(path.join(bootFolder, 'bootmgfw.efi'), stubPe('amd64'));
  const windows = path.join(folder, 'windows');
  const programs = path.join(windows, of.upperCase ? 'WINDOWS/SYSTEM32' : 'Windows/System32');
  const config = path.join(programs, of.upperCase ? 'CONFIG' : 'config');
  await mkdir(config, { recursive: true });
  await mkdir(path.join(programs, 'drivers'));
  await writeFile(path.join(programs, 'cmd.exe'), stubPe('amd64'));
  await writeHive(path.join(config, 'SYSTEM'), 5, systemContent(of));
  await writeHive(path.join(config, 'SOFTWARE'), 5, softwareContent(of));
  for (const name of driverFiles(of)) await writeFile(path.join(programs, 'drivers', name), stubPe('amd64'));
  for (const root of [boot, windows]) await exec('tar', ['-cf', `${root}.tar`, '-C', root, '.']);
  return { boot: `${boot}.tar`, windows: `${windows}.tar` };
}

async function writeHive(file: string, minorVersion: 3 | 5, content: RegistryContent): Promise<void> {
  await writeFile(file, emptyHive(minorVersion));
  await writeFile(`${file}.reg`, regFile(content));
  await exec('hivexregedit', ['--merge', '--prefix', '', file, `${file}.reg`]);
  await rm(`${file}.reg`);
}

const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';

function diskScript(of: Edition, disk: string, { boot, windows }: Volumes): string[] {
  const fill = (device: string, archive: string) => [
    `mount ${device} /`,
    `tar-in ${archive} /`,
    'umount-all',
  ];
  return [
    ...(of.firmware === 'uefi' ? uefiPartitions(disk) : biosPartitions(disk)),
    ...fill(`${disk}1`, boot),
    `mkfs ntfs ${disk}2`,
    ...fill(`${disk}2`, windows),
  ];
}

function uefiPartitions(disk: string): string[] {
  return [
    `part-init ${disk} gpt`,
    `part-add ${disk} p 2048 73727`,
    `part-add ${disk} p 73728 ${DISK_BYTES / 512 - 2048}`,
    `part-set-gpt-type ${disk} 1 ${EFI_SYSTEM}`,
    `part-set-gpt-type ${disk} 2 ${BASIC_DATA}`,
    `mkfs vfat ${disk}1`,
  ];
}

/** With a partition of its own for the boot manager, as Windows' set-up makes it. */
function biosPartitions(disk: string): string[] {
  return [
    `part-init ${disk} mbr`,
    `part-add ${disk} p 2048 73727`,
    `part-add ${disk} p 73728 ${DISK_BYTES / 512 - 2048}`,
    `part-set-bootable ${disk} 1 true`,
    `part-set-mbr-id ${disk} 1 7`,
    `part-set-mbr-id ${disk} 2 7`,
    `mkfs ntfs ${disk}1`,
  ];
}
