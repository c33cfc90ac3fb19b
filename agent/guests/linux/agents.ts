/** Agents of other hypervisors are disabled: they wait for a channel that is not there, or fight over the clock. */
import type { GuestFiles } from '../files.ts';
import type { Change, Fix } from '../fix.ts';
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

/** Agents of platforms that no machine is restored to. */
const OTHER_UNITS = [
  ...['vboxadd.service', 'vboxadd-service.service', 'virtualbox-guest-utils.service', 'vboxservice.service'],
  ...['prltoolsd.service', 'ngt_guest_agent.service'],
];

const ALL_AGENT_UNITS: readonly string[] = [...Object.values(UNITS).flat(), ...OTHER_UNITS];
const SYSTEM_UNITS = '/etc/systemd/system';

const UNIT_FOLDERS = ['/usr/lib/systemd/system', '/lib/systemd/system', SYSTEM_UNITS];

export interface AgentFacts {
  /** Agent units that the guest has. */
  present: ReadonlySet<string>;
  /** Those of them that are masked already. */
  masked: ReadonlySet<string>;
  /** Links that enabling a unit would make and that are not there: unit -> path of the link, and where it points. */
  disabled: ReadonlyMap<string, readonly UnitLink[]>;
}

interface UnitLink {
  path: string;
  to: string;
}

export async function readAgents(files: GuestFiles): Promise<AgentFacts> {
  const present = new Map<string, string>();
  for (const folder of UNIT_FOLDERS) {
    const units = new Set(await files.list(folder));
    for (const unit of ALL_AGENT_UNITS)
      if (units.has(unit) && !present.has(unit)) present.set(unit, `${folder}/${unit}`);
  }
  const masked = new Set<string>();
  const disabled = new Map<string, UnitLink[]>();
  for (const [unit, path] of present) {
    if ((await files.readLink(`${SYSTEM_UNITS}/${unit}`)) === '/dev/null') masked.add(unit);
    const links = await missingLinks(files, unit, path);
    if (links.length > 0) disabled.set(unit, links);
  }
  return { present: new Set(present.keys()), masked, disabled };
}

/** What `systemctl enable` would make. Source: systemd.unit(5), "[Install] Section Options". */
async function missingLinks(files: GuestFiles, unit: string, path: string): Promise<UnitLink[]> {
  // A second name of another unit is enabled with that.
  if (await files.test('is-symlink', path)) return [];
  const text = (await files.readText(path)) ?? '';
  const wanted = [...text.matchAll(/^WantedBy=(.*)$/gm)].flatMap((match) => (match[1] ?? '').split(/[ \t]+/));
  const links: UnitLink[] = [];
  for (const target of wanted.filter((name) => /^[\w@.-]+\.target$/.test(name))) {
    const link = `${SYSTEM_UNITS}/${target}.wants/${unit}`;
    if ((await files.readLink(link)) === undefined) links.push({ path: link, to: path });
  }
  return links;
}

export function planAgents(facts: AgentFacts, keep: GuestAgent | undefined): Fix[] {
  return [...disableForeign(facts, keep), ...(keep === undefined ? [] : enableOwn(facts, keep))];
}

function disableForeign({ present, masked }: AgentFacts, keep: GuestAgent | undefined): Fix[] {
  const foreign = (Object.keys(UNITS) as GuestAgent[]).filter((agent) => agent !== keep);
  const units = [...foreign.flatMap((agent) => UNITS[agent]), ...OTHER_UNITS].filter(
    (unit) => present.has(unit) && !masked.has(unit),
  );
  if (units.length === 0) return [];
  return [
    {
      name: 'linux.foreign-agents',
      summary: `Disable agents of other hypervisors: ${units.join(', ')}. They can be enabled again with systemctl unmask.`,
      changes: units.map((unit) => ({ kind: 'symlink', path: `${SYSTEM_UNITS}/${unit}`, to: '/dev/null' })),
    },
  ];
}

function enableOwn({ present, masked, disabled }: AgentFacts, keep: GuestAgent): Fix[] {
  const units = UNITS[keep].filter((unit) => present.has(unit) && (masked.has(unit) || disabled.has(unit)));
  if (units.length === 0) return [];
  const changes = units.flatMap((unit): Change[] => [
    ...(masked.has(unit) ? [{ kind: 'remove' as const, path: `${SYSTEM_UNITS}/${unit}` }] : []),
    ...(disabled.get(unit) ?? []).map((link) => ({ kind: 'symlink' as const, ...link })),
  ]);
  return [
    { name: 'linux.guest-agent', summary: `Enable the target's guest agent: ${units.join(', ')}.`, changes },
  ];
}
