/** One start of a twin, watched until the verdict is clear or the time is over. Nothing is left of it but the evidence. */
import { cpus } from 'node:os';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AscendError } from '../../proto/errors.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { warn } from '../../proto/finding.ts';
import type { Exec } from '../exec.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { Observations } from './observations.ts';
import { DISK_PLACES, needsOvmf, NIC_PLACES } from './qemu/arguments.ts';
import { prepareOvmf } from './qemu/firmware.ts';
import type { QmpEvent } from './qemu/qmp.ts';
import { startTwin, type BareParts, type Twin } from './qemu/start.ts';
import { startTpm } from './qemu/tpm.ts';
import type { Shot } from './screen/sampler.ts';
import { TwinWatch } from './twin-watch.ts';
import { finalVerdict, isSettled, showsOtherName, verdictOf, type Case, type Verdict } from './verdict.ts';

export interface TwinRequest extends Case {
  machine: Machine;
  /** QCOW2 files in the machine's order of disks. Not written to. */
  disks: readonly string[];
  /** Undefined: as long as a start takes, which depends on the host's acceleration. */
  timeoutSeconds: number | undefined;
}

export interface TwinContext {
  exec: Exec;
  acceleration: ProbeAcceleration;
  signal: AbortSignal;
  /** Made and removed here. Short: sockets lie in it. */
  folder: string;
  /** For screen shots and serial.log; there. */
  evidenceDir: string;
  onActivity: (activity: string) => void;
}

export interface TwinRun {
  verdict: Verdict;
  observations: Observations;
  findings: Finding[];
  shots: readonly Shot[];
  kvm: boolean;
  memoryMiB: number;
  processors: number;
  /** Of QEMU. */
  version: string;
  seconds: number;
  timeoutSeconds: number;
}

// Debian 12 is up in 35 s under emulation on two cores, Windows Server in several minutes.
const LIMIT_SECONDS = { kvm: 180, tcg: 720 } as const;
const SAMPLE_INTERVAL_MS = 2000;
// What the network of a guest that is up shows comes within seconds: its interfaces are set up before its prompt, mostly.
const SETTLE_SECONDS = { kvm: 10, tcg: 30 } as const;
// A failure is seen in the middle of what is printed: the rest belongs to the evidence.
const LAST_WORDS_MS = 2000;
const MEMORY_MIB = { least: 256, otherwise: 1024, most: 2048 } as const;
const MOST_PROCESSORS = 4;
export const SERIAL_LOG = 'serial.log';

/** @throws host.tool-missing, host.command-failed, run.cancelled */
export async function runTwin(request: TwinRequest, context: TwinContext): Promise<TwinRun> {
  const { kvm } = await context.acceleration();
  // A killed agent leaves its sockets there.
  await rm(context.folder, { recursive: true, force: true });
  await mkdir(context.folder, { recursive: true, mode: 0o700 });
  try {
    const findings: Finding[] = [];
    await using opened = new AsyncDisposableStack();
    const parts = await partsOf(request, kvm, findings, opened, context);
    context.onActivity('start the twin');
    const events: QmpEvent[] = [];
    const twin = opened.use(await startTwin(parts, context, (event) => void events.push(event)));
    const watch = new TwinWatch(twin, events, request, context);
    const run = await observe(twin, watch, request, kvm, context);
    const { memoryMiB, processors } = parts;
    return { ...run, findings, kvm, memoryMiB, processors };
  } finally {
    await rm(context.folder, { recursive: true, force: true });
  }
}

async function partsOf(
  { machine, hardware, disks }: TwinRequest,
  kvm: boolean,
  findings: Finding[],
  opened: AsyncDisposableStack,
  { folder, exec, signal }: TwinContext,
): Promise<BareParts> {
  const places = DISK_PLACES[hardware.disk];
  if (disks.length > places) findings.push(leftOut('disks', machine.name, disks.length - places));
  if (machine.nics.length > NIC_PLACES)
    findings.push(leftOut('network cards', machine.name, machine.nics.length - NIC_PLACES));
  const tpm = hardware.tpm ? await optionalTpm(folder, exec, signal, findings) : undefined;
  if (tpm) opened.use(tpm);
  const memory = machine.memoryBytes === undefined ? undefined : Number(machine.memoryBytes / 1048576n);
  return {
    hardware,
    disks: disks.slice(0, places),
    macs: machine.nics.slice(0, NIC_PLACES).map(({ mac }) => mac),
    memoryMiB: Math.min(MEMORY_MIB.most, Math.max(MEMORY_MIB.least, memory ?? MEMORY_MIB.otherwise)),
    processors: Math.max(1, Math.min(MOST_PROCESSORS, cpus().length, machine.cpu?.count ?? 1)),
    kvm,
    pflash: needsOvmf(hardware) ? await prepareOvmf(hardware.secureBoot, folder) : undefined,
    tpmSocket: tpm?.socket,
  };
}

async function optionalTpm(folder: string, exec: Exec, signal: AbortSignal, findings: Finding[]) {
  try {
    return await startTpm(folder, exec, signal);
  } catch (error) {
    if (!(error instanceof AscendError) || error.code !== 'host.tool-missing') throw error;
    const message = 'The machine has a TPM; the twin has none, because swtpm is not installed on this host.';
    findings.push(warn('rehearsal.no-tpm', 'TPM', message, 'Install it: apt-get install swtpm'));
    return undefined;
  }
}

function leftOut(what: string, subject: string, count: number): Finding {
  const message = `The twin has no place for ${count} of the machine's ${what}; the last ones were left out.`;
  const remedy = 'Nothing is left out by a restore: only the rehearsal is without them.';
  return warn('rehearsal.left-out', subject, message, remedy);
}

type Observed = Pick<
  TwinRun,
  'verdict' | 'observations' | 'shots' | 'seconds' | 'timeoutSeconds' | 'version'
>;

async function observe(
  twin: Twin,
  watch: TwinWatch,
  request: TwinRequest,
  kvm: boolean,
  { evidenceDir, signal }: TwinContext,
): Promise<Observed> {
  const version = await versionOf(twin);
  const timeoutSeconds = request.timeoutSeconds ?? LIMIT_SECONDS[kvm ? 'kvm' : 'tcg'];
  const settleSeconds = SETTLE_SECONDS[kvm ? 'kvm' : 'tcg'];
  const startedAt = Date.now();
  const seconds = () => (Date.now() - startedAt) / 1000;
  let upAt: number | undefined;
  let otherNameAt: number | undefined;
  for (;;) {
    await watch.step();
    const verdict = verdictOf(watch.seen, request);
    if (verdict?.outcome === 'passed') upAt ??= seconds();
    else if (verdict) break;
    const settled = isSettled(watch.seen, request) || seconds() > (upAt ?? 0) + settleSeconds;
    if (upAt !== undefined && settled) break;
    if (showsOtherName(watch.seen, request)) otherNameAt ??= seconds();
    if (otherNameAt !== undefined && seconds() > otherNameAt + settleSeconds) break;
    if (watch.ended || seconds() >= timeoutSeconds) break;
    await pause(SAMPLE_INTERVAL_MS, signal);
  }
  await pause(LAST_WORDS_MS, signal);
  await watch.last();
  await writeFile(path.join(evidenceDir, SERIAL_LOG), watch.serialBytes);
  const { seen, shots } = watch;
  return {
    verdict: finalVerdict(seen, request),
    observations: seen,
    shots,
    seconds: seconds(),
    timeoutSeconds,
    version,
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {
    throw new AscendError('run.cancelled', 'The rehearsal was stopped.');
  });
}

async function versionOf({ qmp }: Twin): Promise<string> {
  const { qemu, package: release } = (await qmp.execute('query-version')) as {
    qemu: Record<'major' | 'minor' | 'micro', number>;
    package: string;
  };
  return `${qemu.major}.${qemu.minor}.${qemu.micro}${release && ` (${release})`}`;
}
