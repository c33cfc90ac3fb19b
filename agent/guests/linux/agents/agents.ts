/** Agents of other hypervisors are disabled: they wait for a channel that is not there, or fight over the clock. */
import type { GuestFiles } from '../../files.ts';
import type { Change, Fix } from '../../fix.ts';
import type { GuestAgent } from '../../requirements.ts';
import { disableScript, enableScript, readScripts, type ScriptService } from './init-scripts.ts';
import type { Init } from './init.ts';

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

/** As the inits before systemd know them. */
const SCRIPTS: Readonly<Record<GuestAgent, readonly string[]>> = {
  'vmware-tools': ['vmware-tools', 'vmware-tools-thinprint', 'open-vm-tools', 'vmtoolsd'],
  'qemu-guest-agent': ['qemu-guest-agent', 'qemu-ga'],
  'hyperv-daemons': [
    ...['hypervkvpd', 'hypervvssd', 'hypervfcopyd', 'hv_kvp_daemon', 'hv_vss_daemon', 'hv_fcopy_daemon'],
    ...['hv-kvp-daemon', 'hv-vss-daemon', 'hv-fcopy-daemon'],
  ],
  'xe-guest-utilities': ['xe-linux-distribution', 'xe-daemon'],
  'azure-agent': ['waagent', 'walinuxagent'],
  'ssm-agent': ['amazon-ssm-agent'],
};

const OTHER_SCRIPTS = [
  ...['vboxadd', 'vboxadd-service', 'virtualbox-guest-utils', 'vboxservice'],
  ...['prltoolsd', 'ngt_guest_agent'],
];

const ALL_AGENTS = Object.keys(UNITS) as GuestAgent[];

/** What they may be called: systemd makes units of the scripts that have none. Source: systemd-sysv-generator(8). */
export function unitsOf(agents: readonly GuestAgent[]): string[] {
  const named = agents.flatMap((agent) => [...UNITS[agent], ...SCRIPTS[agent].map(unitOfScript)]);
  return [...new Set(named)];
}

function unitOfScript(name: string): string {
  return `${name}.service`;
}

const ALL_AGENT_UNITS: readonly string[] = [
  ...new Set([...unitsOf(ALL_AGENTS), ...OTHER_UNITS, ...OTHER_SCRIPTS.map(unitOfScript)]),
];
const ALL_AGENT_SCRIPTS: readonly string[] = [...Object.values(SCRIPTS).flat(), ...OTHER_SCRIPTS];
const SYSTEM_UNITS = '/etc/systemd/system';

const UNIT_FOLDERS = ['/usr/lib/systemd/system', '/lib/systemd/system', SYSTEM_UNITS];

export interface AgentFacts {
  init: Init;
  /** Agents of a guest that systemd does not run. */
  scripts: readonly ScriptService[];
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

export async function readAgents(files: GuestFiles, init: Init): Promise<AgentFacts> {
  if (init !== 'systemd') {
    const scripts = await readScripts(files, init, ALL_AGENT_SCRIPTS);
    return { init, scripts, present: new Set(), masked: new Set(), disabled: new Map() };
  }
  const present = new Map<string, string>();
  for (const folder of UNIT_FOLDERS) {
    const units = new Set(await files.list(folder));
    for (const unit of ALL_AGENT_UNITS)
      if (units.has(unit) && !present.has(unit)) present.set(unit, `${folder}/${unit}`);
  }
  for (const { name, path } of await readScripts(files, 'sysv', ALL_AGENT_SCRIPTS))
    if (!present.has(unitOfScript(name))) present.set(unitOfScript(name), path);
  const masked = new Set<string>();
  const disabled = new Map<string, UnitLink[]>();
  for (const [unit, path] of present) {
    if ((await files.readLink(`${SYSTEM_UNITS}/${unit}`)) === '/dev/null') masked.add(unit);
    const links = await missingLinks(files, unit, path);
    if (links.length > 0) disabled.set(unit, links);
  }
  return { init, scripts: [], present: new Set(present.keys()), masked, disabled };
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

/** Whether the guest has that agent, enabled or not. */
export function isInstalled({ present, scripts }: AgentFacts, agent: GuestAgent): boolean {
  return (
    unitsOf([agent]).some((unit) => present.has(unit)) ||
    scripts.some(({ name }) => SCRIPTS[agent].includes(name))
  );
}

export function planAgents(facts: AgentFacts, keep: GuestAgent | undefined): Fix[] {
  const foreign = ALL_AGENTS.filter((agent) => agent !== keep);
  if (facts.init !== 'systemd') return planScripts(facts, keep, foreign);
  return [...disableForeign(facts, foreign), ...(keep === undefined ? [] : enableOwn(facts, keep))];
}

function disableForeign({ present, masked }: AgentFacts, foreign: readonly GuestAgent[]): Fix[] {
  const named = [...unitsOf(foreign), ...OTHER_UNITS, ...OTHER_SCRIPTS.map(unitOfScript)];
  const units = [...new Set(named)].filter((unit) => present.has(unit) && !masked.has(unit));
  const changes = units.map((unit): Change => {
    return { kind: 'symlink', path: `${SYSTEM_UNITS}/${unit}`, to: '/dev/null' };
  });
  return disabled(units, changes, 'with systemctl unmask');
}

function enableOwn({ present, masked, disabled }: AgentFacts, keep: GuestAgent): Fix[] {
  const units = unitsOf([keep]).filter(
    (unit) => present.has(unit) && (masked.has(unit) || disabled.has(unit)),
  );
  const changes = units.flatMap((unit): Change[] => [
    ...(masked.has(unit) ? [{ kind: 'remove' as const, path: `${SYSTEM_UNITS}/${unit}` }] : []),
    ...(disabled.get(unit) ?? []).map((link) => ({ kind: 'symlink' as const, ...link })),
  ]);
  return enabled(units, changes);
}

const WAYS_BACK: Readonly<Record<Exclude<Init, 'systemd'>, string>> = {
  sysv: 'with chkconfig or update-rc.d',
  upstart: 'by their old names in /etc/init, or with update-rc.d',
  openrc: 'with rc-update',
  unknown: '',
};

function planScripts(
  { init, scripts }: AgentFacts,
  keep: GuestAgent | undefined,
  foreign: readonly GuestAgent[],
): Fix[] {
  const among = (names: readonly string[]) => scripts.filter(({ name }) => names.includes(name));
  const off = changesTo(among([...foreign.flatMap((agent) => SCRIPTS[agent]), ...OTHER_SCRIPTS]), (script) =>
    disableScript(script, init),
  );
  const on = changesTo(among(keep === undefined ? [] : SCRIPTS[keep]), (script) =>
    enableScript(script, init),
  );
  const wayBack = init === 'systemd' ? '' : WAYS_BACK[init];
  return [...disabled(off.names, off.changes, wayBack), ...enabled(on.names, on.changes)];
}

function changesTo(scripts: readonly ScriptService[], change: (script: ScriptService) => Change[]) {
  const changed = scripts.map((script) => ({ name: script.name, changes: change(script) }));
  return {
    names: changed.flatMap(({ name, changes }) => (changes.length > 0 ? [name] : [])),
    changes: changed.flatMap(({ changes }) => changes),
  };
}

function disabled(names: readonly string[], changes: Change[], wayBack: string): Fix[] {
  if (changes.length === 0) return [];
  const summary = `Disable agents of other hypervisors: ${names.join(', ')}. They can be enabled again ${wayBack}.`;
  return [{ name: 'linux.foreign-agents', summary, changes }];
}

function enabled(names: readonly string[], changes: Change[]): Fix[] {
  if (changes.length === 0) return [];
  return [
    { name: 'linux.guest-agent', summary: `Enable the target's guest agent: ${names.join(', ')}.`, changes },
  ];
}
