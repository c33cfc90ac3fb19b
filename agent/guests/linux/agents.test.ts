import { expect, it } from 'vitest';
import { planAgents } from './agents.ts';

const PRESENT = new Set([
  'open-vm-tools.service',
  'vgauth.service',
  'qemu-guest-agent.service',
  'ssh.service',
]);

it('masks the agents of other hypervisors, and keeps the target’s own', () => {
  const [fix] = planAgents({ present: PRESENT, masked: new Set() }, 'qemu-guest-agent');
  expect(fix?.changes).toEqual(
    ['open-vm-tools.service', 'vgauth.service'].map((unit) => ({
      kind: 'symlink',
      path: `/etc/systemd/system/${unit}`,
      to: '/dev/null',
    })),
  );
});

it('masks every agent where the target has none of its own', () => {
  const [fix] = planAgents({ present: PRESENT, masked: new Set() }, undefined);
  expect(fix?.changes.map(({ path }) => path)).toContain('/etc/systemd/system/qemu-guest-agent.service');
});

it('plans nothing for what is masked already, or not there', () => {
  expect(planAgents({ present: PRESENT, masked: PRESENT }, undefined)).toEqual([]);
  expect(planAgents({ present: new Set(['ssh.service']), masked: new Set() }, undefined)).toEqual([]);
});
