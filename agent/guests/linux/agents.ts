/** Agents of other hypervisors are disabled: they wait for a channel that is not there, or fight over the clock. */
import type { GuestFiles } from '../files.ts';
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

const ALL_AGENT_UNITS: readonly string[] = Object.values(UNITS).flat();
const SYSTEM_UNITS = '/etc/systemd/system';

export interface AgentFacts {
  /** Agent units that the guest has. */
  present: ReadonlySet<string>;
  /** Those of them that are masked already. */
  masked: ReadonlySet<string>;
}

export async function readAgents(files: GuestFiles): Promise<AgentFacts> {
  const present = new Set<string>();
  const masked = new Set<string>();
  for (const directory of ['/lib/systemd/system', '/usr/lib/systemd/system', SYSTEM_UNITS]) {
    const units = new Set(await files.list(directory));
    for (const unit of ALL_AGENT_UNITS) if (units.has(unit)) present.add(unit);
  }
  for (const unit of present) {
    if ((await files.readLink(`${SYSTEM_UNITS}/${unit}`)) === '/dev/null') masked.add(unit);
  }
  return { present, masked };
}

export function planAgents({ present, masked }: AgentFacts, keep: GuestAgent | undefined): Fix[] {
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
        path: `${SYSTEM_UNITS}/${unit}`,
        to: '/dev/null',
      })),
    },
  ];
}
