/**
 * Of the packages that the user supplies, those for this guest. Packages of Debian's kind are read, and what they need is
 * held against what the guest has; rpm's are taken as the folder holds them. Source: dpkg(1), rpm(8).
 */
import path from 'node:path';
import { AscendError } from '../../../../../proto/errors.ts';
import type { GuestFiles } from '../../../files.ts';
import type { GuestAgent } from '../../../requirements.ts';
import { listTree, type TreeFile } from '../../../windows/drivers/tree.ts';
import type { Release } from '../../release.ts';
import { choose } from './choose.ts';
import { readDeb } from './deb.ts';
import { readDpkg, type DpkgFacts } from './installed.ts';
import type { Package } from './package.ts';

export type PackageManager = 'dpkg' | 'rpm';

export interface SuppliedPackage {
  /** Its name, without a folder. */
  file: string;
  content: Buffer;
}

export type Supply =
  /** The agent's own package, and what it needs beside it. */
  | { kind: 'whole'; packages: readonly SuppliedPackage[] }
  /** What the agent's package needs that neither the guest nor the folder has. */
  | { kind: 'incomplete'; file: string; missing: readonly string[] }
  /** There are some, for other guests or in several folders. */
  | { kind: 'unfit'; files: readonly string[] };

/** What was supplied; nothing for agents that no package was supplied of. */
export interface SuppliedPackages {
  manager: PackageManager;
  supplies: ReadonlyMap<GuestAgent, Supply>;
}

/** As distributions call them. */
const AGENT_PACKAGES: readonly (readonly [GuestAgent, RegExp])[] = [
  ['qemu-guest-agent', /^qemu-guest-agent[_-]/],
  ['vmware-tools', /^open-vm-tools[_-]\d/],
  ['hyperv-daemons', /^(?:hyperv-daemons|hyper-v)[_-]\d/],
  ['azure-agent', /^(?:walinuxagent|python3?-azure-agent|waagent)[_-]/i],
  ['ssm-agent', /^amazon-ssm-agent/],
  ['xe-guest-utilities', /^xe-guest-utilities[_-]\d/],
];

const ENDINGS: Readonly<Record<PackageManager, RegExp>> = {
  dpkg: /\.deb$/,
  rpm: /(?:\.(?:x86_64|noarch)|amazon-ssm-agent)\.rpm$/,
};

/** @throws usage.invalid where the packages cannot be read */
export async function readSupplied(
  files: GuestFiles,
  release: Release,
  location: string | undefined,
): Promise<SuppliedPackages | undefined> {
  if (location === undefined) return undefined;
  const dpkg = await readDpkg(files);
  if (dpkg === undefined && !(await hasRpm(files))) return undefined;
  const manager = dpkg ? 'dpkg' : 'rpm';
  const tree = (await listTree(location)).filter(({ path: name }) => ENDINGS[manager].test(name));
  const supplies = new Map<GuestAgent, Supply>();
  for (const [agent, pattern] of AGENT_PACKAGES) {
    const own = tree.filter((file) => pattern.test(baseName(file)));
    if (own.length > 0) supplies.set(agent, await supplyOf(own, tree, pattern, release, dpkg));
  }
  return { manager, supplies };
}

async function hasRpm(files: GuestFiles): Promise<boolean> {
  for (const folder of ['/var/lib/rpm', '/usr/lib/sysimage/rpm'])
    if (await files.test('is-dir', folder)) return true;
  return false;
}

/** @param own the packages of one agent, in whatever folders they lie */
async function supplyOf(
  own: readonly TreeFile[],
  tree: readonly TreeFile[],
  pattern: RegExp,
  release: Release,
  dpkg: DpkgFacts | undefined,
): Promise<Supply> {
  const unfit: Supply = { kind: 'unfit', files: own.map(({ path: name }) => name) };
  const folder = folderFor(own, release);
  if (folder === undefined) return unfit;
  const packages = await readAll(
    folder,
    tree.filter(({ path: name }) => path.posix.dirname(name) === folder),
  );
  if (dpkg === undefined) return { kind: 'whole', packages: inOrder(packages) };
  const debs: (Package & SuppliedPackage)[] = [];
  for (const each of packages) debs.push({ ...(await readDeb(each.file, each.content)), ...each });
  const choice = choose(({ file }) => pattern.test(file), debs, dpkg);
  if (choice.kind === 'none') return unfit;
  if (choice.kind === 'chosen') return { kind: 'whole', packages: inOrder(choice.packages) };
  return { kind: 'incomplete', file: choice.nearest.file, missing: choice.missing };
}

/** The folder with the agent's package, for this distribution where there are several: "debian12" before "debian". */
function folderFor(own: readonly TreeFile[], { id, version = '' }: Release): string | undefined {
  const folders = [...new Set(own.map(({ path: name }) => path.posix.dirname(name)))];
  const major = version.split('.')[0] ?? '';
  const isCalled = (name: string) => (folder: string) => path.posix.basename(folder).toLowerCase() === name;
  const wanted = [`${id}${version}`, `${id}${major}`, id];
  const named = wanted.map((name) => folders.find(isCalled(name))).find((folder) => folder !== undefined);
  return named ?? (folders.length === 1 ? folders[0] : undefined);
}

// An agent and what it depends on is some 30 MB.
const MAX_FOLDER_BYTES = 256 * 1024 * 1024;

async function readAll(folder: string, files: readonly TreeFile[]): Promise<SuppliedPackage[]> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > MAX_FOLDER_BYTES) {
    const message = `The packages in ${folder} are larger than ${MAX_FOLDER_BYTES} bytes.`;
    throw new AscendError('usage.invalid', message, {
      hint: 'Leave only the guest agent and what it depends on in its folder.',
    });
  }
  const packages: SuppliedPackage[] = [];
  for (const file of files) packages.push({ file: baseName(file), content: await file.read() });
  return packages;
}

function baseName({ path: name }: TreeFile): string {
  return path.posix.basename(name);
}

function inOrder(packages: readonly SuppliedPackage[]): SuppliedPackage[] {
  return packages.map(({ file, content }) => ({ file, content })).sort((a, b) => (a.file < b.file ? -1 : 1));
}
