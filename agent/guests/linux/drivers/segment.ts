/**
 * Every kernel finds the target's disks: by proof where its initramfs holds the drivers, else by a driver segment, else
 * by an initramfs that is built anew.
 */
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { DriverSegment, Fix, FixPlan } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { ALL_TARGET_DRIVERS, bootDriversOf, networkDriversOf } from './drivers.ts';
import { uncompressedName, type Initramfs } from '../initramfs/initramfs.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import { volumesByContent } from '../storage/lvm.ts';
import { writeModuleIndex } from '../initramfs/module-index.ts';
import { planRebuild, type RebuildFacts } from './rebuild.ts';
import { planUnified } from './unified-findings.ts';

/** `texts`: further small files for the initramfs, e.g. link files of NICs. */
export function planKernel(
  kernel: KernelFacts,
  wants: GuestRequirements,
  texts: ReadonlyMap<string, string>,
  rebuild: RebuildFacts,
): FixPlan {
  const { index, initramfs, version } = kernel;
  if (kernel.unified) return { fixes: [], findings: planUnified(kernel, kernel.unified, wants) };
  if (initramfs === undefined) {
    const findings = driverFindings(kernel, bootDriversOf(wants), wants);
    return findings.some(isBlock)
      ? { fixes: [], findings }
      : rebuilt(kernel, unreadable(kernel), findings, rebuild);
  }
  const has = (driver: string) => index.isBuiltIn(driver) || initramfs.modules.has(driver);
  const missing = bootDriversOf(wants).filter((driver) => !has(driver));
  const volumes = volumesByContent(initramfs);
  const findings = driverFindings(kernel, missing, wants);
  if ((missing.length === 0 && volumes.size === 0) || findings.some(isBlock)) return { fixes: [], findings };
  const obstacle = obstacleTo(kernel, initramfs);
  if (obstacle) return rebuilt(kernel, obstacle, findings, rebuild);
  const fix: Fix = {
    name: 'linux.driver-segment',
    summary:
      missing.length > 0
        ? `Append the drivers of all targets to the initramfs of kernel ${version} (${kernel.initramfsPath}): it lacks ${missing.join(', ')}.`
        : `Let the initramfs of kernel ${version} (${kernel.initramfsPath}) look for its volumes on any disk.`,
    changes: [segment(kernel, initramfs, wants, new Map([...texts, ...volumes]))],
  };
  return { fixes: [fix], findings };
}

/** Where nothing in the guest can build it, what stands in the way of a segment stands in the way of the restore. */
function rebuilt(
  kernel: KernelFacts,
  obstacle: Finding,
  findings: readonly Finding[],
  facts: RebuildFacts,
): FixPlan {
  const fix = planRebuild(kernel, obstacle.message, facts);
  return fix ? { fixes: [fix], findings: [...findings] } : { fixes: [], findings: [...findings, obstacle] };
}

function isBlock({ severity }: Finding): boolean {
  return severity === Severity.BLOCK;
}

function segment(
  kernel: KernelFacts,
  initramfs: Initramfs,
  wants: GuestRequirements,
  texts: ReadonlyMap<string, string>,
): DriverSegment {
  const prefix = `${moduleRoot(initramfs)}/${kernel.version}`;
  const place = placesIn(kernel, initramfs);
  // Where an earlier segment is replaced, what it held goes with it: then everything is added again.
  const replaces = initramfs.totalBytes > initramfs.mainBytes;
  const names = [...new Set([...bootDriversOf(wants), ...networkDriversOf(wants), ...ALL_TARGET_DRIVERS])];
  const modules = new Set(names.flatMap((name) => kernel.index.filesOf(name) ?? []));
  const added = [...modules].filter((file) => replaces || !initramfs.moduleFiles.has(place(file)));
  const indexFiles = isUnpacked(kernel, initramfs)
    ? kernel.indexFiles.filter((name) => name !== DEPENDENCY_INDEX)
    : kernel.indexFiles;
  const files = new Map([
    ...added.map((file): [string, string] => [`${kernel.moduleDir}/${file}`, `${prefix}/${place(file)}`]),
    ...indexFiles.map((name): [string, string] => [`${kernel.moduleDir}/${name}`, `${prefix}/${name}`]),
  ]);
  const allTexts = new Map<string, string | Buffer>([
    ...texts,
    ...loadedByName(initramfs, bootDriversOf(wants)),
  ]);
  if (isUnpacked(kernel, initramfs)) {
    const renamed = [...kernel.index.dependencies].map(([file, needs]): [string, string[]] => [
      place(file),
      needs.map(place),
    ]);
    allTexts.set(`${prefix}/${DEPENDENCY_INDEX}`, writeModuleIndex(new Map(renamed)));
  }
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

const DEPENDENCY_INDEX = 'modules.dep.bin';

/** Some builders unpack compressed modules on the way in (initramfs-tools 0.142): there they go by shorter names. */
function isUnpacked({ index }: KernelFacts, { moduleFiles }: Initramfs): boolean {
  const packed = new Set(
    [...index.dependencies.keys()].filter((file) => uncompressedName(file) !== file).map(uncompressedName),
  );
  return [...moduleFiles].some((file) => packed.has(file));
}

/** Name of a module's file in the root file system -> its name in the initramfs. */
function placesIn(kernel: KernelFacts, initramfs: Initramfs): (file: string) => string {
  return isUnpacked(kernel, initramfs) ? uncompressedName : (file) => file;
}

/** Where `lib` is a link to `usr/lib`, an entry `lib/` would hide everything behind it. */
function moduleRoot(initramfs: Initramfs): string {
  return initramfs.links.has('lib') || initramfs.directories.has('usr/lib/modules')
    ? 'usr/lib/modules'
    : 'lib/modules';
}

/**
 * initramfs-tools loads what conf/modules names before it looks for the root. dracut takes arguments from its own files
 * too, and loads what rd.driver.pre names before udev starts (dracut.cmdline(7)). Others go by alias alone.
 */
function loadedByName(initramfs: Initramfs, drivers: readonly string[]): [string, string][] {
  if (initramfs.builtBy === 'dracut') {
    return [['etc/cmdline.d/99-ascend.conf', drivers.map((driver) => `rd.driver.pre=${driver}\n`).join('')]];
  }
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

/** Why drivers cannot be added. */
function obstacleTo(kernel: KernelFacts, initramfs: Initramfs): Finding | undefined {
  if (initramfs.builtBy === 'nash') return scripted(kernel);
  const known = new Set([...kernel.index.dependencies.keys()].map(uncompressedName));
  const foreign = [...initramfs.moduleFiles].find((file) => !known.has(uncompressedName(file)));
  return foreign === undefined ? undefined : unknownLayout(kernel, foreign);
}

function unreadable({ version, initramfsPath, damage }: KernelFacts): Finding {
  return {
    code: 'guest.initramfs-unreadable',
    severity: Severity.BLOCK,
    subject: initramfsPath,
    message: `The initramfs of kernel ${version} cannot be read, so nothing proves that it holds the drivers: ${damage ?? 'its compression is not known'}.`,
    remedy: 'Rebuild it in the original machine (with COMPRESS=gzip or zstd), and back it up again.',
  };
}

function scripted({ version, initramfsPath }: KernelFacts): Finding {
  return {
    code: 'guest.initramfs-rebuild',
    severity: Severity.BLOCK,
    subject: initramfsPath,
    message: `The initramfs of kernel ${version} loads only the drivers that its own script names (mkinitrd with nash), so added ones would not be loaded.`,
    remedy:
      'Rebuild it in the original machine, with "mkinitrd --with=DRIVER" for the target, and back it up again.',
  };
}

function unknownLayout({ version, initramfsPath }: KernelFacts, foreign: string): Finding {
  return {
    code: 'guest.initramfs-layout',
    severity: Severity.BLOCK,
    subject: initramfsPath,
    message: `The initramfs of kernel ${version} holds modules under other names than the kernel's own index (${foreign}), so drivers cannot be added to it.`,
    remedy:
      'Rebuild the initramfs in the original machine with the drivers of the target, and back it up again.',
  };
}
