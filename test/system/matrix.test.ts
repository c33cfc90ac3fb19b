/**
 * Each Debian server, as it would be restored to each kind of destination, starts in that destination's twin; and the
 * unfixed copy does not start on KVM's hardware. It takes most of an hour without hardware virtualisation:
 * `make test-full`, which prints a table at its end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AgentHome } from '../e2e/agent-process.ts';
import { driversFrom, guests, type DriversFrom, type Guest } from '../guests/guests.ts';
import { bootUnfixed } from './unfixed.ts';

interface Destination {
  kind: string;
  fidelity: string;
  /** Where its prompt shows: a target without a serial console gets none. */
  prompt: 'the serial console' | 'the screen';
  /** Whether it answers at its own address: clouds give it one, by DHCP, on a card that QEMU does not have. */
  keepsAddress: boolean;
}

const destinations: Destination[] = [
  { kind: 'kvm', fidelity: 'exact', prompt: 'the serial console', keepsAddress: true },
  { kind: 'vmware', fidelity: 'exact', prompt: 'the screen', keepsAddress: true },
  { kind: 'cloudstack', fidelity: 'exact', prompt: 'the serial console', keepsAddress: true },
  { kind: 'hyperv', fidelity: 'nearest', prompt: 'the screen', keepsAddress: true },
  { kind: 'ec2', fidelity: 'storage-only', prompt: 'the serial console', keepsAddress: false },
  { kind: 'azure', fidelity: 'nearest', prompt: 'the serial console', keepsAddress: false },
];

interface Rehearsed {
  verdict: string;
  cause: string | null;
  message: string;
  observed: string[];
  fidelity: string;
  fixes: { name: string }[];
  /** Of the twin. */
  seconds: number;
}

interface Row {
  guest: string;
  kind: string;
  verdict: string;
  fidelity: string;
  seconds: number;
  drivers: DriversFrom;
}
const rows: Row[] = [];

let home: AgentHome;
let folder: string;
let keep = false;
beforeAll(async () => {
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-matrix-'));
});
afterEach(({ task }) => {
  keep ||= task.result?.state === 'fail';
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  if (keep) console.log(`The evidence is in ${folder}`);
  else await rm(folder, { recursive: true });
});

describe.each<Guest>(guests)('$name', ({ name, uefi, address, build, disks, unfixed }) => {
  let backup: string;
  beforeAll(async () => {
    ({ backupDir: backup } = await build());
  });

  test.each(destinations)('starts up in the twin of $kind', async (destination) => {
    const { kind, fidelity } = destination;
    const evidence = path.join(folder, `${name}-${kind}`);
    const asked = [
      '--for',
      kind,
      ...optionsFor(kind, uefi),
      '--hostname',
      name,
      '--timeout',
      '400',
      '--evidence',
      evidence,
    ];
    const { document, stderr } = await home.json(['rehearse', backup, ...asked]);
    const rehearsed = document as Rehearsed;
    rows.push(rowOf(name, kind, rehearsed));
    expect(rehearsed, stderr).toMatchObject({ verdict: 'passed', cause: null, fidelity });
    expect(rehearsed.observed.join('\n')).toMatch(
      new RegExp(`^login prompt .*on ${destination.prompt}$`, 'm'),
    );
    if (destination.keepsAddress) expect(rehearsed.observed).toContain(`${address} answers a ping`);
    expect(await home.leftovers()).toEqual([]);
  });

  test('fails unfixed in the twin of kvm, and the verdict names the cause', async () => {
    const images = disks.map((file) => path.join(backup, file));
    const verdict = await bootUnfixed({ name, uefi, disks: images }, path.join(folder, `${name}-unfixed`));
    expect(verdict).toMatchObject({ outcome: 'failed', cause: unfixed.cause });
    expect(verdict.message).toMatch(unfixed.message);
  });
});

test('needed no rebuild of an initramfs', () => {
  console.log(tableOf(rows));
  const rebuilt = rows.filter(({ drivers }) => drivers === 'rebuild');
  console.log(`Rebuilt an initramfs: ${rebuilt.length} of ${rows.length}.`);
  expect(rows).toHaveLength(guests.length * destinations.length);
  expect(rebuilt).toEqual([]);
});

/** The twin's UEFI starts from one of VMware's controllers only: asFirmwareStarts of agent/rehearsal/hardware.ts. */
function optionsFor(kind: string, uefi: boolean): string[] {
  return kind === 'vmware' && uefi ? ['--option', 'controller=nvme'] : [];
}

function rowOf(guest: string, kind: string, { verdict, fidelity, seconds, fixes }: Rehearsed): Row {
  const drivers = driversFrom(fixes.map((fix) => fix.name));
  return { guest, kind, verdict, fidelity, seconds, drivers };
}

/** As the README of agent/rehearsal shows it. */
function tableOf(all: readonly Row[]): string {
  const head = ['guest', 'kind', 'verdict', 'fidelity', 'seconds', 'drivers'];
  const lines = all.map((row) => Object.values(row).map(String));
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
