/** Every kernel finds the target's disks: by proof where its initramfs holds the drivers, else by a driver segment. */
import { Severity, type Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { DriverSegment, Fix, FixPlan } from '../fix.ts';
import type { GuestSession } from '../guest.ts';
import type { GuestRequirements } from '../requirements.ts';
import { ALL_TARGET_DRIVERS, bootDriversOf, networkDriversOf } from './drivers.ts';
import { readInitramfs, type Initramfs } from './initramfs.ts';
import { parseModuleIndex, type ModuleIndex } from './modules.ts';

export interface KernelFacts {
  version: string;
  /** In the guest. */
  moduleDir: string;
  initramfsPath: string;
  /** Undefined where its compression is not read here. */
  initramfs: Initramfs | undefined;
  index: ModuleIndex;
  /** The index files of depmod that the guest has. */
  indexFiles: readonly string[];
  /** Whether the kernel unpacks gzip: one without it still takes an uncompressed archive. */
  gunzips: boolean;
}

// What kmod reads when it loads a module by name or by alias. The rest of the index stays as the initramfs has it.
const INDEX_FILES = ['modules.dep.bin', 'modules.alias.bin', 'modules.softdep'];
const MAX_INITRAMFS_BYTES = 512 * 1024 * 1024;

export async function readKernels(session: GuestSession): Promise<KernelFacts[]> {
  const kernels: KernelFacts[] = [];
  for (const version of await session.list('/lib/modules')) {
    const kernel = await readKernel(session, version);
    if (kernel) kernels.push(kernel);
  }
  return kernels;
}

/** Undefined for the leftovers of a kernel that was removed. */
async function readKernel(session: GuestSession, version: string): Promise<KernelFacts | undefined> {
  const initramfsPath = await firstFile(session, [
    `/boot/initrd.img-${version}`,
    `/boot/initramfs-${version}.img`,
  ]);
  const moduleDir = `/lib/modules/${version}`;
  const dep = await session.readText(`${moduleDir}/modules.dep`);
  if (initramfsPath === undefined || dep === undefined) return undefined;
  const builtin = (await session.readText(`${moduleDir}/modules.builtin`)) ?? '';
  const config = (await session.readText(`/boot/config-${version}`)) ?? '';
  const there = new Set(await session.list(moduleDir));
  const local = await session.download(initramfsPath, MAX_INITRAMFS_BYTES);
  return {
    version,
    moduleDir,
    initramfsPath,
    initramfs: local === undefined ? undefined : await readInitramfs(local),
    index: parseModuleIndex(dep, builtin),
    indexFiles: INDEX_FILES.filter((name) => there.has(name)),
    gunzips: /^CONFIG_RD_GZIP=y$/m.test(config),
  };
}

async function firstFile(session: GuestSession, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) if (await session.test('is-file', candidate)) return candidate;
  return undefined;
}

/** `texts`: further small files for the initramfs, e.g. link files of NICs. */
export function planKernel(
  kernel: KernelFacts,
  wants: GuestRequirements,
  texts: ReadonlyMap<string, string>,
): FixPlan {
  const { index, initramfs, version } = kernel;
  if (initramfs === undefined) return { fixes: [], findings: [unreadable(kernel)] };
  const has = (driver: string) => index.isBuiltIn(driver) || initramfs.modules.has(driver);
  const missing = bootDriversOf(wants).filter((driver) => !has(driver));
  const findings = driverFindings(kernel, missing, wants);
  if (missing.length === 0 || findings.some(({ severity }) => severity === Severity.BLOCK))
    return { fixes: [], findings };
  const foreign = [...initramfs.moduleFiles].filter((file) => !index.has(file));
  if (foreign.length > 0) return { fixes: [], findings: [...findings, unknownLayout(kernel, foreign)] };
  const fix: Fix = {
    name: 'linux.driver-segment',
    summary: `Append the drivers of all targets to the initramfs of kernel ${version}: it lacks ${missing.join(', ')}.`,
    changes: [segment(kernel, initramfs, wants, texts)],
  };
  return { fixes: [fix], findings };
}

function segment(
  kernel: KernelFacts,
  initramfs: Initramfs,
  wants: GuestRequirements,
  texts: ReadonlyMap<string, string>,
): DriverSegment {
  const prefix = `${moduleRoot(initramfs)}/${kernel.version}`;
  // Where an earlier segment is replaced, what it held goes with it: then everything is added again.
  const replaces = initramfs.totalBytes > initramfs.mainBytes;
  const names = [...new Set([...bootDriversOf(wants), ...networkDriversOf(wants), ...ALL_TARGET_DRIVERS])];
  const modules = new Set(names.flatMap((name) => kernel.index.filesOf(name) ?? []));
  const added = [...modules].filter((file) => replaces || !initramfs.moduleFiles.has(file));
  const files = new Map(
    [...added, ...kernel.indexFiles].map((file) => [`${kernel.moduleDir}/${file}`, `${prefix}/${file}`]),
  );
  const allTexts = new Map([...texts, ...loadedByName(initramfs, bootDriversOf(wants))]);
  return {
    kind: 'driver-segment',
    path: kernel.initramfsPath,
    offsetBytes: initramfs.mainBytes,
    files,
    texts: allTexts,
    directories: parents([...files.values(), ...allTexts.keys()], initramfs.links),
    compress: kernel.gunzips,
  };
}

/** Where `lib` is a link to `usr/lib`, an entry `lib/` would hide everything behind it. */
function moduleRoot(initramfs: Initramfs): string {
  return initramfs.links.has('lib') || initramfs.directories.has('usr/lib/modules')
    ? 'usr/lib/modules'
    : 'lib/modules';
}

/** initramfs-tools loads what conf/modules names before it looks for the root; dracut and others go by alias alone. */
function loadedByName(initramfs: Initramfs, drivers: readonly string[]): [string, string][] {
  const there = initramfs.texts.get('conf/modules');
  if (initramfs.builtBy !== 'initramfs-tools' || there === undefined) return [];
  const lines = there
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return [['conf/modules', [...new Set([...lines, ...drivers])].join('\n') + '\n']];
}

function parents(paths: readonly string[], links: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_part, depth) => found.add(parts.slice(0, depth + 1).join('/')));
  }
  return [...found].filter((directory) => !links.has(directory)).sort();
}

function driverFindings(
  { index, version }: KernelFacts,
  missing: readonly string[],
  wants: GuestRequirements,
): Finding[] {
  const absent = (driver: string) => !index.isBuiltIn(driver) && index.filesOf(driver) === undefined;
  const finding = (driver: string, severity: Severity, consequence: string): Finding => ({
    code: 'guest.driver-missing',
    severity,
    subject: version,
    message: `Kernel ${version} has no driver ${driver}: ${consequence}.`,
    remedy: `Install a kernel with ${driver} in the original machine (not a "cloud" kernel) and back it up again.`,
  });
  return [
    ...missing
      .filter(absent)
      .map((driver) => finding(driver, Severity.BLOCK, 'it would not find its disks on this target')),
    ...networkDriversOf(wants)
      .filter(absent)
      .map((driver) => finding(driver, Severity.WARN, 'it will have no network on this target')),
  ];
}

function unreadable({ version, initramfsPath }: KernelFacts): Finding {
  return {
    code: 'guest.initramfs-unreadable',
    severity: Severity.BLOCK,
    subject: initramfsPath,
    message: `The initramfs of kernel ${version} is compressed in a way this agent does not read, so nothing proves that it holds the drivers.`,
    remedy: 'Set COMPRESS=gzip or zstd in the original machine, rebuild its initramfs and back it up again.',
  };
}

function unknownLayout({ version, initramfsPath }: KernelFacts, foreign: readonly string[]): Finding {
  return {
    code: 'guest.initramfs-layout',
    severity: Severity.BLOCK,
    subject: initramfsPath,
    message: `The initramfs of kernel ${version} holds modules under other names than the kernel's own index (${foreign[0]}), so drivers cannot be added to it.`,
    remedy:
      'Rebuild the initramfs in the original machine with the drivers of the target, and back it up again.',
  };
}

export const INITRAMFS_MODULES = '/etc/initramfs-tools/modules';

/** The next kernel's initramfs gets the drivers too. */
export function planNextKernel(
  kernels: readonly KernelFacts[],
  modules: string | undefined,
  wants: GuestRequirements,
): Fix[] {
  if (modules === undefined) return [];
  const named = new Set(modules.split('\n').map((line) => line.trim().split(/\s+/)[0]?.replace(/-/g, '_')));
  const isSatisfied = bootDriversOf(wants).every(
    (driver) => named.has(driver) || kernels.every(({ index }) => index.isBuiltIn(driver)),
  );
  if (isSatisfied) return [];
  const available = (driver: string) => kernels.some(({ index }) => index.filesOf(driver) !== undefined);
  const added = ALL_TARGET_DRIVERS.filter((driver) => !named.has(driver) && available(driver));
  const content = `${modules.trimEnd()}\n# Drivers of the platforms that this machine may be restored to.\n${added.join('\n')}\n`;
  return [
    {
      name: 'linux.next-initramfs',
      summary: `Name the drivers of all targets in ${INITRAMFS_MODULES}, so that the next kernel has them too.`,
      changes: [{ kind: 'write', path: INITRAMFS_MODULES, content }],
    },
  ];
}
