/**
 * A guest made ready for KVM, ours beside `virt-v2v-in-place`, in turn, in one run, on the same unfixed disk: to inspect
 * it, fix it and prove it, with the launch of libguestfs and without. Then by what each guest of the tests gets its
 * drivers. Ratios count; absolute times belong to the machine they were taken on.
 *
 *   node scripts/bench/repair.ts [--json] [--rounds N]
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

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '3' } },
});
const rounds = Number(values.rounds);
// virt-v2v rebuilds the initramfs, which took it 12 minutes on a guest whose initramfs holds every module.
const RIVAL_LIMIT_MS = 3_600_000;
const signal = new AbortController().signal;
const acceleration = accelerationProbe(exec);
const scratch = await mkdtemp(path.join(tmpdir(), 'ascend-repair-bench-'));

try {
  const sample = guests.find(({ name }) => name === web01.name);
  if (!sample) throw new Error('The sample is not among the guests of the tests.');
  const taken = { ours: [] as Ours[], rival: [] as Rival[] };
  for (let round = 0; round < rounds; round += 1) {
    taken.ours.push(await ours(sample));
    taken.rival.push(await virtV2vInPlace(sample));
  }
  const drivers: { guest: string; drivers: DriversFrom }[] = [];
  for (const guest of guests) drivers.push({ guest: guest.name, drivers: await driversOf(guest) });
  report(taken, drivers);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

interface Ours {
  seconds: number;
  launchSeconds: number;
}

async function ours(guest: Guest): Promise<Ours> {
  const disks = await overlaysOf(guest);
  const startedAt = performance.now();
  let launchSeconds: number;
  {
    await using session = await open(disks, false);
    launchSeconds = secondsSince(startedAt);
    const plan = await planRepair(session, wantsOf(guest));
    await repair(session, plan, () => undefined);
    const proofs = plan.prove();
    if (!proofs.every(({ holds }) => holds)) throw new Error(`${guest.name} was not made ready.`);
  }
  return { seconds: secondsSince(startedAt), launchSeconds };
}

/** Seconds, or why there are none. */
type Rival = { seconds: number } | { missing: string };

async function virtV2vInPlace(guest: Guest): Promise<Rival> {
  const [disk = ''] = await overlaysOf(guest);
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
  await using session = await open(await overlaysOf(guest), true);
  const { fixes } = await planRepair(session, wantsOf(guest));
  return driversFrom(fixes.map(({ name }) => name));
}

/** Fresh, over the newest layer of each disk. */
async function overlaysOf({ build, disks }: Guest): Promise<string[]> {
  const { backupDir } = await build();
  const folder = await mkdtemp(path.join(scratch, 'overlays-'));
  const overlays = disks.map((_disk, index) => path.join(folder, `disk${index}.qcow2`));
  for (const [index, disk] of disks.entries()) {
    const base = path.join(backupDir, disk);
    await execa('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-F',
      'qcow2',
      '-b',
      base,
      overlays[index] ?? '',
    ]);
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
  taken: { ours: readonly Ours[]; rival: readonly Rival[] },
  drivers: readonly { guest: string; drivers: DriversFrom }[],
): void {
  const seconds = median(taken.ours.map((one) => one.seconds));
  const withoutLaunch = median(taken.ours.map((one) => one.seconds - one.launchSeconds));
  const finished = taken.rival.flatMap((one) => ('seconds' in one ? [one.seconds] : []));
  const missing = taken.rival.flatMap((one) => ('missing' in one ? [one.missing] : []))[0];
  const rival = finished.length > 0 ? median(finished) : undefined;
  const rebuilt = drivers.filter((one) => one.drivers === 'rebuild').length;
  const figures = {
    guest: web01.name,
    rounds,
    seconds,
    withoutLaunch,
    virtV2vInPlace: rival === undefined ? { missing } : { seconds: rival, ratio: rival / seconds },
    drivers,
    rebuilt,
  };
  if (values.json) {
    console.log(JSON.stringify(figures, null, 2));
    return;
  }
  const line = (value: number, what: string) => console.log(`${value.toFixed(2).padStart(8)} s  ${what}`);
  console.log(`${web01.name} made ready for KVM: inspected, fixed and proven; median of ${rounds}, in turn:`);
  line(seconds, 'ours');
  line(withoutLaunch, 'ours, without the launch of libguestfs');
  if (rival === undefined) console.log(`virt-v2v-in-place ${missing}`);
  else line(rival, `virt-v2v-in-place, the same disk (${(rival / seconds).toFixed(1)} x ours)`);
  const list = drivers.map((one) => `${one.guest} by ${one.drivers}`).join(', ');
  console.log(`Guests whose initramfs had to be rebuilt: ${rebuilt} of ${drivers.length} (${list})`);
}
