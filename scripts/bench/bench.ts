/**
 * Side by side, in one run, on the sample: our time to "disk ready", each step's share of it, qemu-img alone, and
 * virt-v2v where it is installed. Ratios count; absolute times belong to the machine they were taken on.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { allocatedBytes, compareImages, copyImage, flushImage } from '../../agent/disks/image.ts';
import { serveDisks } from '../../agent/disks/serve.ts';
import { exec } from '../../agent/exec.ts';
import { accelerationProbe } from '../../agent/host/acceleration.ts';
import { analyse } from '../../agent/pipeline/analyse.ts';
import { convert } from '../../agent/pipeline/convert.ts';
import { openAt } from '../../agent/pipeline/open.ts';
import { verifyBackup } from '../../agent/pipeline/verify.ts';
import { sources } from '../../agent/sources/index.ts';
import { targetOfKind } from '../../agent/targets/index.ts';
import { buildDebian12 } from '../../test/guests/debian12.ts';

const COPIES = 5;
const json = process.argv.includes('--json');
const signal = new AbortController().signal;
const acceleration = accelerationProbe(exec);
const { backupDir } = await buildDebian12();
const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-bench-'));

const steps: { step: string; seconds: number }[] = [];
async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  steps.push({ step, seconds: (performance.now() - startedAt) / 1000 });
  return result;
}

try {
  const { kvm } = await timed('try hardware virtualisation', acceleration);
  await using backup = await openAt(backupDir, sources);
  const analysis = await timed('read metadata and headers', () => analyse(backup, sources));
  await timed('verify checksums', () =>
    verifyBackup(analysis, backup.files, { exec, signal, onBytes: () => undefined }),
  );
  if (!analysis.machine) throw new Error('The sample cannot be read.');
  const { machine } = analysis;
  const target = targetOfKind('kvm');
  const wants = target.requirements(machine, target.options.parse({}));
  const context = { exec, acceleration, signal, workDir: path.join(scratch, 'work') };
  await using served = await serveDisks(analysis.chains, backup.files, context.workDir);
  const hooks = { onActivity: () => undefined, onFinding: () => undefined, onFix: () => undefined };
  const [disk] = await timed('open and fix the guest', () => convert(machine, served, wants, context, hooks));
  if (!disk) throw new Error('The sample has no disk.');
  const out = path.join(scratch, 'out.qcow2');
  await timed('copy', () => copyImage(disk.path, out, { format: 'qcow2' }, context));
  await timed('flush and read back', () =>
    Promise.all([flushImage(out), compareImages(disk.path, out, 'qcow2', {}, context)]),
  );
  const bytes = await allocatedBytes({ name: disk.path, format: 'qcow2' }, context);
  const copies = await compareCopies(disk.path);
  const v2v = await virtV2v(disk.path);
  await report({ kvm, bytes: Number(bytes), copies, v2v });
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** In turn, so that a drift of the machine's speed meets all three. */
async function compareCopies(from: string): Promise<Record<'ours' | 'unordered' | 'ordered', number>> {
  const to = path.join(scratch, 'copy.qcow2');
  const qemuImg = (...flags: string[]) =>
    execa('qemu-img', ['convert', ...flags, '-f', 'qcow2', '-O', 'qcow2', from, to]);
  const contenders = {
    ours: () => copyImage(from, to, { format: 'qcow2' }, { exec, signal }),
    unordered: () => qemuImg('-W', '-m', '8'),
    ordered: () => qemuImg(),
  };
  const taken = { ours: [] as number[], unordered: [] as number[], ordered: [] as number[] };
  for (let round = 0; round < COPIES; round += 1) {
    for (const name of ['ours', 'unordered', 'ordered'] as const) {
      await rm(to, { force: true });
      const startedAt = performance.now();
      await contenders[name]();
      taken[name].push((performance.now() - startedAt) / 1000);
    }
  }
  return { ours: median(taken.ours), unordered: median(taken.unordered), ordered: median(taken.ordered) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Seconds, or why there are none. */
type Rival = { seconds: number } | { missing: string };

/** The same job on the same, unfixed disk: convert it for KVM and write it out. */
async function virtV2v(overlay: string): Promise<Rival> {
  const { stdout } = await execa('qemu-img', ['info', '--output', 'json', overlay]);
  const unfixed = (JSON.parse(stdout) as { 'full-backing-filename': string })['full-backing-filename'];
  const { kvm } = await acceleration();
  const env = { LIBGUESTFS_BACKEND: 'direct', ...(!kvm && { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' }) };
  const args = ['-i', 'disk', unfixed, '-o', 'local', '-os', scratch, '-of', 'qcow2', '-on', 'v2v'];
  const startedAt = performance.now();
  const { failed, code, stderr } = await execa('virt-v2v', args, { env, reject: false, timeout: 3_600_000 });
  if (code === 'ENOENT') return { missing: 'is not installed (apt-get install virt-v2v nbdkit libnbd-bin)' };
  if (failed) return { missing: `failed: ${stderr.trim().split('\n')[0]}` };
  return { seconds: (performance.now() - startedAt) / 1000 };
}

interface Figures {
  kvm: boolean;
  bytes: number;
  copies: Record<'ours' | 'unordered' | 'ordered', number>;
  v2v: Rival;
}

async function report({ kvm, bytes, copies, v2v }: Figures): Promise<void> {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const memory = /VmHWM:\s+(\d+) kB/.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  const figures = {
    hardwareVirtualisation: kvm,
    bytes,
    secondsToDiskReady: total,
    steps: steps.map((each) => ({ ...each, share: each.seconds / total })),
    copySeconds: copies,
    copyRatio: copies.ours / copies.unordered,
    virtV2v: 'seconds' in v2v ? { ...v2v, ratio: v2v.seconds / total } : v2v,
    peakMemoryBytes: Number(memory) * 1024,
  };
  if (json) {
    console.log(JSON.stringify(figures, null, 2));
    return;
  }
  const seconds = (value: number) => `${value.toFixed(2).padStart(8)} s`;
  console.log(
    `Sample: ${Math.round(bytes / 2 ** 20)} MiB of data, ${kvm ? 'with' : 'without'} hardware virtualisation`,
  );
  console.log(`${seconds(total)}  to "disk ready"`);
  for (const { step, seconds: taken } of steps) {
    console.log(`${seconds(taken)}    ${step} (${Math.round((taken / total) * 100)} %)`);
  }
  console.log(`Copy alone, median of ${COPIES}, in turn:`);
  console.log(
    `${seconds(copies.ours)}  ours (${(copies.ours / copies.unordered).toFixed(2)} x qemu-img convert -W)`,
  );
  console.log(`${seconds(copies.unordered)}  qemu-img convert -W`);
  console.log(`${seconds(copies.ordered)}  qemu-img convert`);
  if ('missing' in v2v) console.log(`virt-v2v ${v2v.missing}`);
  else
    console.log(
      `${seconds(v2v.seconds)}  virt-v2v, the same disk (${(v2v.seconds / total).toFixed(1)} x ours)`,
    );
  console.log(`Peak memory of this process: ${Math.round(Number(memory) / 1024)} MiB`);
}
