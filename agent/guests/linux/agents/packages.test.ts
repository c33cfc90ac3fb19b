import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyFix } from '../../apply.ts';
import type { GuestAgent } from '../../requirements.ts';
import type { AgentFacts } from './agents.ts';
import { FolderGuest } from '../fixtures/folder-guest.ts';
import { planPackages, readPackages, readSupplied } from './packages.ts';

let root: string;
let location: string;
let guest: FolderGuest;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ascend-packages-'));
  location = path.join(root, 'supplied');
  guest = new FolderGuest(path.join(root, 'guest'));
  await mkdir(location);
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function supply(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(location, name)), { recursive: true });
    await writeFile(path.join(location, name), `package ${name}`);
  }
}

const NO_AGENTS: AgentFacts = {
  init: 'systemd',
  scripts: [],
  present: new Set(),
  masked: new Set(),
  disabled: new Map(),
};
const debian = { id: 'debian', version: '12', name: 'Debian' };

async function planned(
  agents = NO_AGENTS,
  keep: GuestAgent | undefined = 'qemu-guest-agent',
  release = debian,
) {
  const supplied = await readSupplied(guest, release, location);
  return planPackages(await readPackages(guest, supplied), agents, keep);
}

const uploadsOf = async (...args: Parameters<typeof planned>) =>
  (await planned(...args)).fixes.flatMap(({ changes }) =>
    changes.flatMap((change) => (change.kind === 'upload' ? [path.posix.basename(change.path)] : [])),
  );

it('brings an agent with what lies beside it, once, for the guest’s package manager', async () => {
  await guest.write('/var/lib/dpkg/status', '');
  await supply('qemu-guest-agent_7.2_amd64.deb', 'liburing2_2.3_amd64.deb', 'qemu-guest-agent_7.2_arm64.deb');
  await supply('qemu-guest-agent-7.2.x86_64.rpm', 'qemu-ga-x86_64.msi');
  const { fixes, findings } = await planned();
  expect(findings).toEqual([]);
  expect(fixes.map(({ name }) => name)).toEqual(['linux.guest-packages']);
  for (const fix of fixes) await applyFix(guest, fix);
  expect(await guest.list('/var/lib/ascend/packages')).toEqual([
    'SHA256SUMS',
    'install.sh',
    'liburing2_2.3_amd64.deb',
    'qemu-guest-agent_7.2_amd64.deb',
  ]);
  expect(await guest.readText('/var/lib/ascend/packages/install.sh')).toContain(
    'apt-get $options $no_sources install',
  );
  expect(await guest.readLink('/etc/systemd/system/multi-user.target.wants/ascend-packages.service')).toBe(
    '/etc/systemd/system/ascend-packages.service',
  );
  expect((await planned()).fixes).toEqual([]);
});

it('takes the folder of the guest’s distribution where there are several, and none where it would have to guess', async () => {
  await guest.write('/usr/lib/sysimage/rpm/rpmdb.sqlite', '');
  await supply('rhel9/qemu-guest-agent-8.x86_64.rpm', 'rhel8/qemu-guest-agent-6.x86_64.rpm');
  const release = (version: string) => ({ id: 'rhel', version, name: 'RHEL' });
  expect(await uploadsOf(NO_AGENTS, 'qemu-guest-agent', release('9.4'))).toEqual([
    'qemu-guest-agent-8.x86_64.rpm',
  ]);
  expect(await uploadsOf(NO_AGENTS, 'qemu-guest-agent', release('7.9'))).toEqual([]);
});

it('leaves a guest alone that has the agent, or whose target has none, or for which nothing is supplied', async () => {
  await guest.write('/var/lib/dpkg/status', '');
  await supply('qemu-guest-agent_7.2_amd64.deb');
  const masked = { ...NO_AGENTS, present: new Set(['qemu-guest-agent.service']) };
  expect(await planned(masked)).toEqual({ fixes: [], findings: [] });
  expect(await uploadsOf(NO_AGENTS, 'vmware-tools')).toEqual([]);
  const nothing = await readPackages(guest, await readSupplied(guest, debian, undefined));
  expect(planPackages(nothing, NO_AGENTS, 'qemu-guest-agent')).toEqual({ fixes: [], findings: [] });
});

it('says so where nothing would start the installation', async () => {
  await guest.write('/var/lib/dpkg/status', '');
  await supply('qemu-guest-agent_2.8_amd64.deb');
  const { fixes, findings } = await planned({ ...NO_AGENTS, init: 'sysv' });
  expect(fixes).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['guest.packages-not-installed']);
});
