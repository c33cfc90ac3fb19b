/** Agents of other hypervisors are disabled: they wait for a channel that is not there, or fight over the clock. */
import type { Fix } from '../fix.ts';
import type { GuestAgent } from '../requirements.ts';

const UNITS: Readonly<Record<GuestAgent, readonly string[]>> = {
  'vmware-tools': ['open-vm-tools.service', 'vgauth.service', 'vmtoolsd.service', 'vmware-tools.service'],
  'qemu-guest-agent': ['qemu-guest-agent.service'],
  'hyperv-daemons': [
    ...['hv-kvp-daemon.service', 'hv-vss-daemon.service', 'hv-fcopy-daemon.service'],
    ...['hypervkvpd.service', 'hypervvssd.service', 'hypervfcopyd.service'],
  ],
  'xe-guest-utilities': ['xe-linux-distribution.service', 'xe-daemon.service'],
  'azure-agent': ['walinuxagent.service', 'waagent.service'],
  'ssm-agent': ['amazon-ssm-agent.service', 'snap.amazon-ssm-agent.amazon-ssm-agent.service'],
};

export const ALL_AGENT_UNITS: readonly string[] = Object.values(UNITS).flat();

/** `present`: agent units that the guest has; `masked`: those of them that are masked already. */
export function planAgents(
  present: ReadonlySet<string>,
  masked: ReadonlySet<string>,
  keep: GuestAgent | undefined,
): Fix[] {
  const foreign = (Object.keys(UNITS) as GuestAgent[]).filter((agent) => agent !== keep);
  const units = foreign
    .flatMap((agent) => UNITS[agent])
    .filter((unit) => present.has(unit) && !masked.has(unit));
  if (units.length === 0) return [];
  return [
    {
      name: 'linux.foreign-agents',
      summary: `Disable agents of other hypervisors: ${units.join(', ')}. They can be enabled again with systemctl unmask.`,
      changes: units.map((unit) => ({
        kind: 'symlink',
        path: `/etc/systemd/system/${unit}`,
        to: '/dev/null',
      })),
    },
  ];
}
