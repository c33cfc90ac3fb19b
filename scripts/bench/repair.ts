/**
 * A guest made ready for KVM, ours beside `virt-v2v-in-place`, in turn, in one run, on the same unfixed disk: to inspect
 * it, fix it and prove it, with the launch of libguestfs and without. Then the same where its own configuration has every
 * module in an initramfs (Debian's default), and where the initramfs has to be built anew; and by what each guest of the
 * tests gets its drivers. Ratios count; absolute times belong to the machine they were taken on.
 *
 *   node scripts/bench/repair.ts [--json] [--rounds N] [--case NAME]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { exec } from '../../agent/exec.ts';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair, repair } from '../../agent/guests/index.ts';
import { accelerationProbe } from '../../agent/host/acceleration.ts';
import { targetOfKind } from '../../agent/targets/index.ts';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { web01 } from '../../test/guests/debian12.ts';
import { driversFrom, guests, type DriversFrom, type Guest } from '../../test/guests/guests.ts';
import { allowEveryModule, layOtherwise } from '../../test/guests/relaid.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    rounds: { type: 'string', default: '3' },
    case: { type: 'string' },
  },
});
const ROUNDS = Number(values.rounds);
// virt-v2v rebuilds the initramfs, which took it 12 minutes on a guest whose initramfs holds every module.
const RIVAL_LIMIT_MS = 3_600_000;
const signal = new AbortController().signal;
const acceleration = accelerationProbe(exec);
// A matter of the host, found out once; virt-v2v does not find it out at all.
await acceleration();
const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-repair-bench-'));

/** The sample's disk in several shapes. */
interface Case {
  name: string;
  title: string;
  /** Of an overlay over it. */
  prepare: (disk: string) => Promise<void>;
  expected: DriversFrom;
}

const CASES: readonly Case[] = [
  {
    name: 'as-is',
    title: 'whose initramfs has the drivers of VMware alone, and is configured so',
    prepare: () => Promise.resolve(),
    expected: 'segment',
  },
  {
    name: 'every-module',
    title: 'whose configuration has every module in the next initramfs, as Debian’s own has',
    prepare: allowEveryModule,
    expected: 'segment',
  },
  {
    name: 'rebuild',
    title: 'whose initramfs takes no segment and is built anew',
    prepare: layOtherwise,
    expected: 'rebuild',
  },
];

try {
  const sample = guests.find(({ name }) => name === web01.name);
  if (!sample) throw new Error('The sample is not among the guests of the tests.');
  const chosen = CASES.filter(({ name }) => values.case === undefined || values.case === name);
  if (chosen.length === 0) throw new Error(`--case is one of ${CASES.map(({ name }) => name).join(', ')}.`);
  const compared: (Case & Compared)[] = [];
  for (const each of chosen) {
    const disks = await overlaysOf(await disksOf(sample));
    for (const disk of disks) await each.prepare(disk);
    compared.push({ ...each, ...(await compare(sample, disks, each.expected)) });
  }
  const drivers: { guest: string; drivers: DriversFrom }[] = [];
  for (const guest of guests) drivers.push({ guest: guest.name, drivers: await driversOf(guest) });
  report(compared, drivers);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Medians, and the times of every round. */
interface Compared {
  seconds: number;
  withoutLaunch: number;
  rounds: readonly number[];
  /** Times of ours, or why there is nothing to compare with. */
  virtV2vInPlace: { seconds: number; ratio: number; rounds: readonly number[] } | { missing: string };
}

async function compare(guest: Guest, disks: readonly string[], expected: DriversFrom): Promise<Compared> {
  const taken = { ours: [] as Ours[], rival: [] as Rival[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    taken.ours.push(await ours(guest, disks, expected));
    taken.rival.push(await virtV2vInPlace(disks));
  }
  const rounds = taken.ours.map((one) => one.seconds);
  const seconds = median(rounds);
  const withoutLaunch = median(taken.ours.map((one) => one.seconds - one.launchSeconds));
  const missing = taken.rival.flatMap((one) => ('missing' in one ? [one.missing] : []))[0];
  if (missing !== undefined) return { seconds, withoutLaunch, rounds, virtV2vInPlace: { missing } };
  const rivals = taken.rival.flatMap((one) => ('seconds' in one ? [one.seconds] : []));
  const rival = median(rivals);
  return {
    seconds,
    withoutLaunch,
    rounds,
    virtV2vInPlace: { seconds: rival, ratio: rival / seconds, rounds: rivals },
  };
}

interface Ours {
  seconds: number;
  launchSeconds: number;
}

async function ours(guest: Guest, disks: readonly string[], expected: DriversFrom): Promise<Ours> {
  const overlays = await overlaysOf(disks);
  const startedAt = performance.now();
  let launchSeconds: number;
  {
    await using session = await open(overlays, false);
    launchSeconds = secondsSince(startedAt);
    const plan = await planRepair(session, wantsOf(guest));
    const drivers = driversFrom(plan.fixes.map(({ name }) => name));
    if (drivers !== expected) throw new Error(`${guest.name} got its drivers by ${drivers}.`);
    await repair(session, plan, () => undefined);
    const proofs = plan.prove();
    if (!proofs.every(({ holds }) => holds)) throw new Error(`${guest.name} was not made ready.`);
  }
  return { seconds: secondsSince(startedAt), launchSeconds };
}

/** Seconds, or why there are none. */
type Rival = { seconds: number } | { missing: string };

async function virtV2vInPlace(disks: readonly string[]): Promise<Rival> {
  const [disk = ''] = await overlaysOf(disks);
  const { kvm: accelerated } = await acceleration();
  const env = {
    LIBGUESTFS_BACKEND: 'direct',
    ...(!accelerated && { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' }),
  };
  const startedAt = performance.now();
  const ended = await execa('virt-v2v-in-place', ['-i', 'disk', disk], {
    env,
    reject: false,
    timeout: RIVAL_LIMIT_MS,
  });
  if (ended.code === 'ENOENT') return { missing: 'is not installed (apt-get install virt-v2v)' };
  if (ended.failed) return { missing: `failed: ${ended.stderr.trim().split('\n').at(-1)}` };
  return { seconds: secondsSince(startedAt) };
}

async function driversOf(guest: Guest): Promise<DriversFrom> {
  await using session = await open(await overlaysOf(await disksOf(guest)), true);
  const { fixes } = await planRepair(session, wantsOf(guest));
  return driversFrom(fixes.map(({ name }) => name));
}

/** The newest layer of each. */
async function disksOf({ build, disks }: Guest): Promise<string[]> {
  const { backupDir } = await build();
  return disks.map((disk) => path.join(backupDir, disk));
}

/** Fresh ones. */
async function overlaysOf(disks: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(path.join(scratch, 'overlays-'));
  const overlays: string[] = [];
  for (const [index, disk] of disks.entries()) {
    const overlay = path.join(folder, `disk${index}.qcow2`);
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', disk, overlay]);
    overlays.push(overlay);
  }
  return overlays;
}

function open(disks: readonly string[], readOnly: boolean): Promise<GuestSession> {
  return GuestSession.open({ disks, readOnly, acceleration, signal, tempDir: scratch });
}

function wantsOf({ name, uefi }: Guest) {
  const machine: Machine = {
    name,
    platform: 'vmware',
    guest: undefined,
    cpu: undefined,
    memoryBytes: undefined,
    firmware: uefi ? Firmware.UEFI : Firmware.BIOS,
    disks: [],
    nics: [],
    tags: {},
  };
  const target = targetOfKind('kvm');
  return target.requirements(machine, target.options.parse({}));
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function report(
  compared: readonly (Case & Compared)[],
  drivers: readonly { guest: string; drivers: DriversFrom }[],
): void {
  const rebuilt = drivers.filter((one) => one.drivers === 'rebuild').length;
  if (values.json) {
    const cases = compared.map(({ prepare: _prepare, ...figures }) => figures);
    console.log(JSON.stringify({ guest: web01.name, rounds: ROUNDS, cases, drivers, rebuilt }, null, 2));
    return;
  }
  console.log(`${web01.name} made ready for KVM: inspected, fixed and proven; median of ${ROUNDS}, in turn.`);
  for (const one of compared) {
    console.log(`A server ${one.title}:`);
    show(one);
  }
  const list = drivers.map((one) => `${one.guest} by ${one.drivers}`).join(', ');
  console.log(`Guests whose initramfs had to be rebuilt: ${rebuilt} of ${drivers.length} (${list})`);
}

function show({ seconds, withoutLaunch, rounds, virtV2vInPlace: rival }: Compared): void {
  const line = (value: number, what: string) => console.log(`${value.toFixed(2).padStart(8)} s  ${what}`);
  const all = (times: readonly number[]) => times.map((time) => time.toFixed(2)).join(', ');
  line(seconds, `ours (${all(rounds)})`);
  line(withoutLaunch, 'ours, without the launch of libguestfs');
  if ('missing' in rival) console.log(`virt-v2v-in-place ${rival.missing}`);
  else
    line(
      rival.seconds,
      `virt-v2v-in-place, the same disk (${all(rival.rounds)}), ${rival.ratio.toFixed(1)} x ours`,
    );
}
