import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Severity } from '../../../../../proto/gen/ascend/v1/finding.ts';
import { applyFix } from '../../../apply.ts';
import type { GuestAgent } from '../../../requirements.ts';
import type { AgentFacts } from '../agents.ts';
import { FolderGuest } from '../../fixtures/folder-guest.ts';
import { makeDeb } from './deb.fixture.ts';
import { planPackages, readPackages } from './install.ts';
import { readSupplied } from './supply.ts';

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

/** As distributions call the file. */
async function supplyDeb(name: string, control: Readonly<Record<string, string>> = {}): Promise<void> {
  const file = await makeDeb(path.join(root, 'built'), name, control, 'none');
  const { Version = '1.0', Architecture = 'amd64' } = control;
  await rename(file, path.join(location, `${name}_${Version}_${Architecture}.deb`));
}

const STATUS = `Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.22
`;

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
  await guest.write('/var/lib/dpkg/status', STATUS);
  await supplyDeb('qemu-guest-agent', { Version: '7.2', Depends: 'liburing2 (>= 2.3), dpkg' });
  await supplyDeb('qemu-guest-agent', { Version: '7.2', Architecture: 'arm64' });
  await supplyDeb('liburing2', { Version: '2.3' });
  await supplyDeb('not-needed');
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
    'apt-get $options $no_sources install ./*.deb',
  );
  expect(await guest.readText('/var/lib/ascend/packages/install.sh')).toContain(
    'for unit in qemu-guest-agent.service ',
  );
  expect(await guest.readLink('/etc/systemd/system/multi-user.target.wants/ascend-packages.service')).toBe(
    '/etc/systemd/system/ascend-packages.service',
  );
  expect((await planned()).fixes).toEqual([]);
});

it('says what is missing before anything is changed', async () => {
  await guest.write('/var/lib/dpkg/status', STATUS);
  await supplyDeb('qemu-guest-agent', { Version: '7.2', Depends: 'liburing2 (>= 2.3), dpkg (>= 3)' });
  const { fixes, findings } = await planned();
  expect(fixes).toEqual([]);
  expect(findings).toMatchObject([
    {
      code: 'guest.agent-dependency-missing',
      severity: Severity.WARN,
      message: expect.stringContaining(
        'qemu-guest-agent_7.2_amd64.deb is not installed: it needs liburing2 (>= 2.3), dpkg (>= 3), which',
      ) as string,
    },
  ]);
});

it('says so where there are packages for other machines only', async () => {
  await guest.write('/var/lib/dpkg/status', STATUS);
  await supplyDeb('qemu-guest-agent', { Architecture: 'arm64' });
  const { fixes, findings } = await planned();
  expect(fixes).toEqual([]);
  expect(findings).toMatchObject([
    {
      code: 'guest.agent-package-missing',
      message: expect.stringContaining('qemu-guest-agent_1.0_arm64.deb') as string,
    },
  ]);
});

it('takes the folder of the guest’s distribution where there are several, and none where it would have to guess', async () => {
  await guest.write('/usr/lib/sysimage/rpm/rpmdb.sqlite', '');
  await supply('rhel9/qemu-guest-agent-8.x86_64.rpm', 'rhel8/qemu-guest-agent-6.x86_64.rpm');
  const release = (version: string) => ({ id: 'rhel', version, name: 'RHEL' });
  expect(await uploadsOf(NO_AGENTS, 'qemu-guest-agent', release('9.4'))).toEqual([
    'qemu-guest-agent-8.x86_64.rpm',
  ]);
  const seven = await planned(NO_AGENTS, 'qemu-guest-agent', release('7.9'));
  expect(seven.fixes).toEqual([]);
  expect(seven.findings.map(({ code }) => code)).toEqual(['guest.agent-package-missing']);
});

it('leaves a guest alone that has the agent, or whose target has none, or for which nothing is supplied', async () => {
  await guest.write('/var/lib/dpkg/status', STATUS);
  await supplyDeb('qemu-guest-agent');
  const masked = { ...NO_AGENTS, present: new Set(['qemu-guest-agent.service']) };
  expect(await planned(masked)).toEqual({ fixes: [], findings: [] });
  expect(await uploadsOf(NO_AGENTS, 'vmware-tools')).toEqual([]);
  const nothing = await readPackages(guest, await readSupplied(guest, debian, undefined));
  expect(planPackages(nothing, NO_AGENTS, 'qemu-guest-agent')).toEqual({ fixes: [], findings: [] });
});

it('says so where nothing would start the installation', async () => {
  await guest.write('/var/lib/dpkg/status', STATUS);
  await supplyDeb('qemu-guest-agent');
  const { fixes, findings } = await planned({ ...NO_AGENTS, init: 'sysv' });
  expect(fixes).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['guest.packages-not-installed']);
});
