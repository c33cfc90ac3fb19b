/**
 * The files of CloudStack's NAS backups: `<instanceName>/<yyyy.MM.dd.HH.mm.ss>/root.<volume>.qcow2` and
 * `datadisk.<volume>.qcow2`; the first revision wrote `0.root.` and `1.datadisk.`, the 1 for every data disk.
 * Source: CloudStack, scripts/vm/hypervisor/kvm/nasbackup.sh and NASBackupProvider.
 */
import path from 'node:path/posix';

/** One point in time of one machine. */
export interface NasPoint {
  /** Relative to the backup's folder; "" is that folder itself. */
  folder: string;
  /** CloudStack's name of the instance, where the path still has it. */
  instance: string | undefined;
  /** The root first, then by name: the files do not say how data disks followed. */
  disks: NasDisk[];
  /** What CloudStack deletes when a backup is done. */
  leftovers: string[];
}

export interface NasDisk {
  path: string;
  role: 'root' | 'datadisk';
  /** What the volume is called on its storage, mostly a UUID. */
  volume: string;
}

const DISK = /^(?:\d{1,3}\.)?(root|datadisk)\.([^/]{1,255})\.qcow2$/;
const DATED = /^\d{4}(\.\d{2}){5}$/;
/** Beside other platforms' files, outside of a dated folder, only a UUID tells that CloudStack named this. */
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LEFTOVER = /^(backup|checkpoint)\.xml$|\.qcow2\.tmp$/;

/** `folderName`: of the folder that the paths are relative to. */
export function nasPoints(paths: readonly string[], folderName?: string): NasPoint[] {
  const points = new Map<string, NasPoint>();
  for (const file of paths) {
    const folder = folderOf(file);
    const disk = diskOf(file, folder);
    if (!disk) continue;
    const instance = instanceOf(folder, folderName);
    const point = points.get(folder) ?? { folder, instance, disks: [], leftovers: [] };
    point.disks.push(disk);
    points.set(folder, point);
  }
  for (const file of paths) {
    if (LEFTOVER.test(path.basename(file))) points.get(folderOf(file))?.leftovers.push(file);
  }
  for (const { disks } of points.values()) disks.sort(byRole);
  return [...points.values()];
}

function diskOf(file: string, folder: string): NasDisk | undefined {
  const [, role, volume = ''] = DISK.exec(path.basename(file)) ?? [];
  if (role !== 'root' && role !== 'datadisk') return undefined;
  return isDated(folder) || UUID.test(volume) ? { path: file, role, volume } : undefined;
}

function byRole(a: NasDisk, b: NasDisk): number {
  if (a.role !== b.role) return a.role === 'root' ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

function instanceOf(folder: string, folderName: string | undefined): string | undefined {
  if (!isDated(folder)) return undefined;
  const parent = path.dirname(folder);
  return parent === '.' ? folderName : path.basename(parent);
}

export function isDated(folder: string): boolean {
  return DATED.test(path.basename(folder));
}

/** "" for a file of the backup's folder itself. */
export function folderOf(file: string): string {
  const folder = path.dirname(file);
  return folder === '.' ? '' : folder;
}

export interface NasHistory {
  /** The newest point of each machine. */
  newest: NasPoint[];
  /** For machines with several: all their folders, oldest first. */
  several: string[][];
}

/** Points beside each other are one machine's; a point in a folder without a date is a machine's only one. */
export function historyOf(points: readonly NasPoint[]): NasHistory {
  const byMachine = Map.groupBy(points, ({ folder }) =>
    isDated(folder) ? `${path.dirname(folder)}/` : folder,
  );
  const histories = [...byMachine.values()].map((own) =>
    own.toSorted((a, b) => (a.folder < b.folder ? -1 : 1)),
  );
  return {
    newest: histories.flatMap((own) => own.slice(-1)),
    several: histories.filter(({ length }) => length > 1).map((own) => own.map(({ folder }) => folder)),
  };
}

/**
 * Increments since CloudStack 4.23 name their parent by a relative path into a dated folder beside their own
 * (`realpath --relative-to`): such a backup may read from the folder of its machine.
 */
export function boundaryOf(folder: string): string | undefined {
  return isDated(folder) ? path.dirname(path.normalize(folder.replace(/\/+$/, ''))) : undefined;
}
