import { expect, it } from 'vitest';
import { planAgents } from './agents.ts';

const NONE = new Map<string, never[]>();
const PRESENT = new Set([
  'open-vm-tools.service',
  'vgauth.service',
  'qemu-guest-agent.service',
  'ssh.service',
]);

it('masks the agents of other hypervisors, and keeps the target’s own', () => {
  const [fix] = planAgents({ present: PRESENT, masked: new Set(), disabled: NONE }, 'qemu-guest-agent');
  expect(fix?.changes).toEqual(
    ['open-vm-tools.service', 'vgauth.service'].map((unit) => ({
      kind: 'symlink',
      path: `/etc/systemd/system/${unit}`,
      to: '/dev/null',
    })),
  );
});

it('masks every agent where the target has none of its own', () => {
  const [fix] = planAgents({ present: PRESENT, masked: new Set(), disabled: NONE }, undefined);
  expect(fix?.changes.map(({ path }) => path)).toContain('/etc/systemd/system/qemu-guest-agent.service');
});

it('plans nothing for what is masked already, or not there', () => {
  expect(planAgents({ present: PRESENT, masked: PRESENT, disabled: NONE }, undefined)).toEqual([]);
  expect(
    planAgents({ present: new Set(['ssh.service']), masked: new Set(), disabled: NONE }, undefined),
  ).toEqual([]);
});

it('enables the target’s own agent where it is masked or disabled', () => {
  const link = {
    path: '/etc/systemd/system/multi-user.target.wants/open-vm-tools.service',
    to: '/lib/systemd/system/open-vm-tools.service',
  };
  const facts = {
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
