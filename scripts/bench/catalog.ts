/**
 * How long a scan of 10,000 backup sets takes: the first, which reads each, and one that finds nothing new; how long
 * the event loop was kept waiting meanwhile, and the memory of the process.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { writeManifest } from '../../agent/repositories/backup-set.ts';
import { scanRepositories, type CatalogWork } from '../../agent/service/catalog.ts';
import { sources } from '../../agent/sources/index.ts';
import { Catalog } from '../../agent/state/catalog.ts';
import { openDatabase } from '../../agent/state/database.ts';

const BACKUPS = 10_000;
const json = process.argv.includes('--json');
const VMX = new URL('../../test/guests/debian12/web01.vmx', import.meta.url);

const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-catalog-bench-'));
try {
  const root = path.join(scratch, 'nas');
  await fill(root);
  const catalog = new Catalog(openDatabase(path.join(scratch, 'state')));
  const work: CatalogWork = {
    repositories: [{ name: 'nas', path: root }],
    sources,
    catalog,
    version: 'bench',
    signal: new AbortController().signal,
    onFailure: (_repository, failure) => {
      throw failure;
    },
  };
  const first = await measured(() => scanRepositories(work));
  const again = await measured(() => scanRepositories(work));
  if (catalog.known('nas').size !== BACKUPS) throw new Error('The scan did not find every backup.');
  const memory = /VmHWM:\s+(\d+) kB/.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  const figures = { backups: BACKUPS, first, again, peakMemoryBytes: Number(memory) * 1024 };
  console.log(json ? JSON.stringify(figures, null, 2) : textOf(figures));
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Sets of a VMX and two disks, which are links to one file: 10,000 copies would measure the disk. */
async function fill(root: string): Promise<void> {
  const model = path.join(scratch, 'model');
  await mkdir(path.join(model, 'disks'), { recursive: true });
  await copyFile(VMX, path.join(model, 'vm.vmx'));
  for (const disk of ['a', 'b']) {
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(model, `disks/${disk}.qcow2`), '16G']);
  }
  const layer = (file: string) => [{ file, backup: randomUUID() }];
  await writeManifest(model, {
    id: randomUUID(),
    platform: 'vmware',
    machineName: 'vm',
    capturedAt: new Date().toISOString(),
    parent: null,
    metadata: ['vm.vmx'],
    disks: ['scsi0:0', 'scsi0:1'].map((id, index) => ({
      id,
      sizeBytes: 16 * 2 ** 30,
      layers: layer(`disks/${index === 0 ? 'a' : 'b'}.qcow2`),
    })),
  });
  for (let index = 0; index < BACKUPS; index += 1) {
    const folder = path.join(root, `site${index % 10}`, `vm${index}`, '2027-01-01');
    await mkdir(path.join(folder, 'disks'), { recursive: true });
    for (const file of ['backup.json', 'vm.vmx', 'disks/a.qcow2', 'disks/b.qcow2']) {
      await link(path.join(model, file), path.join(folder, file));
    }
  }
}

interface Measured {
  seconds: number;
  /** The longest that the event loop was kept waiting. */
  stallMs: number;
}

async function measured(work: () => Promise<void>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  return { seconds, stallMs: delay.max / 1e6 };
}

function textOf({
  first,
  again,
  peakMemoryBytes,
}: {
  first: Measured;
  again: Measured;
  peakMemoryBytes: number;
}) {
  const line = (what: string, { seconds, stallMs }: Measured) =>
    `${seconds.toFixed(2).padStart(8)} s  ${what} (event loop kept waiting ${Math.round(stallMs)} ms at most)`;
  return [
    `${BACKUPS} backup sets in a folder`,
    line('the first scan, which reads each', first),
    line('a scan that finds nothing new', again),
    `Peak memory of this process: ${Math.round(peakMemoryBytes / 2 ** 20)} MiB`,
  ].join('\n');
}
