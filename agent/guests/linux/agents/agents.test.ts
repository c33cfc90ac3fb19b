import { expect, it } from 'vitest';
import type { Change } from '../../fix.ts';
import { planAgents, type AgentFacts } from './agents.ts';
import type { ScriptService } from './init-scripts.ts';
import type { Init } from './init.ts';

const NONE = new Map<string, never[]>();
const SYSTEMD = { init: 'systemd', scripts: [] } as const;
const PRESENT = new Set([
  'open-vm-tools.service',
  'vgauth.service',
  'qemu-guest-agent.service',
  'ssh.service',
]);

it('masks the agents of other hypervisors, and keeps the target’s own', () => {
  const [fix] = planAgents(
    { ...SYSTEMD, present: PRESENT, masked: new Set(), disabled: NONE },
    'qemu-guest-agent',
  );
  expect(fix?.changes).toEqual(
    ['open-vm-tools.service', 'vgauth.service'].map((unit) => ({
      kind: 'symlink',
      path: `/etc/systemd/system/${unit}`,
      to: '/dev/null',
    })),
  );
});

it('masks every agent where the target has none of its own', () => {
  const [fix] = planAgents({ ...SYSTEMD, present: PRESENT, masked: new Set(), disabled: NONE }, undefined);
  expect(fix?.changes.map(({ path }) => path)).toContain('/etc/systemd/system/qemu-guest-agent.service');
});

it('plans nothing for what is masked already, or not there', () => {
  expect(planAgents({ ...SYSTEMD, present: PRESENT, masked: PRESENT, disabled: NONE }, undefined)).toEqual(
    [],
  );
  expect(
    planAgents(
      { ...SYSTEMD, present: new Set(['ssh.service']), masked: new Set(), disabled: NONE },
      undefined,
    ),
  ).toEqual([]);
});

it('enables the target’s own agent where it is masked or disabled', () => {
  const link = {
    path: '/etc/systemd/system/multi-user.target.wants/open-vm-tools.service',
    to: '/lib/systemd/system/open-vm-tools.service',
  };
  const facts = {
    ...SYSTEMD,
    present: new Set(['open-vm-tools.service', 'vgauth.service']),
    masked: new Set(['open-vm-tools.service']),
    disabled: new Map([['open-vm-tools.service', [link]]]),
  };
  expect(planAgents(facts, 'vmware-tools').map(({ name, changes }) => [name, changes])).toEqual([
    [
      'linux.guest-agent',
      [
        { kind: 'remove', path: '/etc/systemd/system/open-vm-tools.service' },
        { kind: 'symlink', ...link },
      ],
    ],
  ]);
});

const linkOf = (level: string, name: string) => ({
  folder: `/etc/rc${level}.d`,
  name,
  to: `../init.d/${name.slice(3)}`,
});
const scriptOf = (name: string, ...links: ScriptService['links']): ScriptService => ({
  name,
  path: `/etc/init.d/${name}`,
  links,
});

function byScripts(init: Init, scripts: ScriptService[], keep?: 'qemu-guest-agent'): Change[] {
  const facts: AgentFacts = { init, scripts, present: new Set(), masked: new Set(), disabled: NONE };
  return planAgents(facts, keep).flatMap(({ changes }) => changes);
}

it('turns the start links of SysV round, and those of the target’s own back', () => {
  const vmware = scriptOf('open-vm-tools', linkOf('2', 'S03open-vm-tools'), linkOf('3', 'K97open-vm-tools'));
  expect(byScripts('sysv', [vmware], 'qemu-guest-agent')).toEqual([
    { kind: 'remove', path: '/etc/rc2.d/S03open-vm-tools' },
    { kind: 'symlink', path: '/etc/rc2.d/K97open-vm-tools', to: '../init.d/open-vm-tools' },
  ]);
  const own = scriptOf('qemu-ga', linkOf('3', 'K02qemu-ga'));
  expect(byScripts('sysv', [own], 'qemu-guest-agent')).toEqual([
    { kind: 'remove', path: '/etc/rc3.d/K02qemu-ga' },
    { kind: 'symlink', path: '/etc/rc3.d/S98qemu-ga', to: '../init.d/qemu-ga' },
  ]);
  expect(byScripts('sysv', [scriptOf('qemu-ga', linkOf('3', 'S98qemu-ga'))], 'qemu-guest-agent')).toEqual([]);
});

it('puts a job of Upstart aside, and takes a service out of the runlevels of OpenRC', () => {
  const job = { name: 'vmware-tools', path: '/etc/init/vmware-tools.conf', links: [] };
  expect(byScripts('upstart', [job])).toEqual([
    { kind: 'copy', from: job.path, path: `${job.path}.ascend-disabled` },
    { kind: 'remove', path: job.path },
  ]);
  const folder = '/etc/runlevels/default';
  const service = scriptOf('open-vm-tools', {
    folder,
    name: 'open-vm-tools',
    to: '/etc/init.d/open-vm-tools',
  });
  expect(byScripts('openrc', [service, scriptOf('qemu-guest-agent')], 'qemu-guest-agent')).toEqual([
    { kind: 'remove', path: `${folder}/open-vm-tools` },
    { kind: 'symlink', path: `${folder}/qemu-guest-agent`, to: '/etc/init.d/qemu-guest-agent' },
  ]);
});
