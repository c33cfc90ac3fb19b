/**
 * Chooses the drivers that suit a guest among those supplied. virtio-win keeps them as driver/release/processor,
 * VMware Tools alike; other trees are told by what their INF files say.
 */
import path from 'node:path';
import { driverFolders, type Arch, type WindowsVersion } from '../version.ts';
import type { TreeFile } from './tree.ts';

export interface SuppliedDriver {
  /** Of its INF file, lower case, without the ending: "viostor". */
  name: string;
  /** Its folder among those supplied. */
  from: string;
  /** Upper case, e.g. "VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00". */
  pciIds: readonly string[];
  /** Names in lower case; the INF file is one of them. */
  files: readonly { name: string; content: Buffer }[];
}

const MAX_INF_BYTES = 1024 * 1024;
/** Some 60 drivers suit one release of Windows, 10 MB in all. */
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
const MAX_DRIVER_FILE_BYTES = 32 * 1024 * 1024;
/** What a driver package needs: no symbols, no installers. */
const DRIVER_FILE = /\.(?:inf|cat|sys|dll)$/i;

const ARCH_FOLDERS: Readonly<Record<string, Arch>> = {
  amd64: 'amd64',
  x64: 'amd64',
  x86_64: 'amd64',
  x86: 'x86',
  i386: 'x86',
  arm64: 'arm64',
};

/** As an INF file decorates the sections of its models. */
const INF_ARCH: Readonly<Record<Arch, string>> = { amd64: 'ntamd64', x86: 'ntx86', arm64: 'ntarm64' };

interface Candidate {
  inf: TreeFile;
  rank: number;
}

export async function suitableDrivers(
  tree: readonly TreeFile[],
  version: WindowsVersion,
): Promise<SuppliedDriver[]> {
  const best = new Map<string, Candidate>();
  for (const inf of tree.filter(isInf)) {
    const rank = rankOf(inf.path, version);
    const name = baseName(inf.path);
    const known = best.get(name);
    if (rank !== undefined && (known === undefined || rank < known.rank)) best.set(name, { inf, rank });
  }
  const drivers: SuppliedDriver[] = [];
  let left = MAX_TOTAL_BYTES;
  for (const [name, { inf }] of best) {
    const text = infText(await inf.read());
    if (version.arch === undefined || !isFor(text, version.arch)) continue;
    const from = path.posix.dirname(inf.path);
    const files = tree.filter((file) => path.posix.dirname(file.path) === from && isDriverFile(file));
    left -= files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (left < 0) break;
    drivers.push({ name, from, pciIds: pciIdsOf(text), files: await readAll(files) });
  }
  return drivers;
}

function isInf({ path: name, sizeBytes }: TreeFile): boolean {
  // As virt-v2v: functions of virtual network cards and a protocol that no guest needs.
  return /\.inf$/i.test(name) && sizeBytes <= MAX_INF_BYTES && !/(?:^|\/)sriov\/|vioprot\.inf$/i.test(name);
}

function isDriverFile({ path: name, sizeBytes }: TreeFile): boolean {
  return DRIVER_FILE.test(name) && sizeBytes <= MAX_DRIVER_FILE_BYTES;
}

async function readAll(files: readonly TreeFile[]): Promise<SuppliedDriver['files']> {
  const read: { name: string; content: Buffer }[] = [];
  for (const file of files)
    read.push({ name: path.posix.basename(file.path).toLowerCase(), content: await file.read() });
  return read;
}

/** 0 is best; undefined where its folder names another release or processor. */
function rankOf(file: string, version: WindowsVersion): number | undefined {
  const folders = path.posix.dirname(file).toLowerCase().split('/').map(releaseOf);
  const arch = folders.map((folder) => ARCH_FOLDERS[folder]).find((known) => known !== undefined);
  if (arch !== undefined && arch !== version.arch) return undefined;
  const suiting = driverFolders(version);
  const ranks = folders.map((folder) => suiting.indexOf(folder)).filter((rank) => rank >= 0);
  if (ranks.length > 0) return Math.min(...ranks);
  // A folder for another release, as "xp" or "2k25" for Windows 10.
  if (folders.some((folder) => /^(?:xp|2k\d.*|w(?:7|8|8\.1|10|11)|win(?:7|8|10)|vista)$/.test(folder)))
    return undefined;
  return suiting.length;
}

/** As virtio-win says it, of folders such as "2012R2", "win2016" or "WS2022": "2k12r2", "2k16", "2k22". */
function releaseOf(folder: string): string {
  const [, year, r2 = ''] =
    /^(?:windows|win|ws)?[ _-]?(?:server)?[ _-]?20(\d\d)[ _-]?(r2)?$/.exec(folder) ?? [];
  return year === undefined ? folder : `2k${Number(year)}${r2}`;
}

function isFor(inf: string, arch: Arch): boolean {
  // Without a decoration, models are for x86.
  return arch === 'x86' || inf.toLowerCase().includes(INF_ARCH[arch]);
}

/** INF files are UTF-16 with a mark, or in a code page of which only ASCII matters here. */
function infText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le', 2) : bytes.toString('latin1');
}

function pciIdsOf(inf: string): string[] {
  const ids = inf.matchAll(/PCI\\(VEN_[0-9a-f]{4}(?:&[a-z]{2,6}_[0-9a-f]{2,8}){1,4})/gi);
  return [...new Set([...ids].map(([, id]) => (id ?? '').toUpperCase()))];
}

function baseName(file: string): string {
  return path.posix.basename(file).slice(0, -'.inf'.length).toLowerCase();
}
