/**
 * The target's guest agent, installed at the first start from packages that the user supplies: nothing of the guest runs
 * before. Source: dpkg(1), rpm(8), systemd.service(5).
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { AscendError } from '../../../../proto/errors.ts';
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { GuestFiles } from '../../files.ts';
import type { Change, FixPlan } from '../../fix.ts';
import type { GuestAgent } from '../../requirements.ts';
import { listTree, type TreeFile } from '../../windows/drivers/tree.ts';
import { isInstalled, type AgentFacts } from './agents.ts';
import type { Release } from '../release.ts';

export type PackageManager = 'dpkg' | 'rpm';

export interface SuppliedPackage {
  name: string;
  content: Buffer;
}

/** Of the packages that the user supplies, those for this guest: an agent's own, and what lies beside it. */
export interface SuppliedPackages {
  manager: PackageManager;
  sets: ReadonlyMap<GuestAgent, readonly SuppliedPackage[]>;
}

export interface PackageFacts {
  supplied: SuppliedPackages | undefined;
  /** What an earlier repair has put there: path -> text. */
  texts: ReadonlyMap<string, string>;
  /** Names of the packages among it. */
  staged: ReadonlySet<string>;
  isEnabled: boolean;
}

/** As distributions call them. */
const AGENT_PACKAGES: readonly (readonly [GuestAgent, RegExp])[] = [
  ['qemu-guest-agent', /^qemu-guest-agent[_-]/],
  ['vmware-tools', /^open-vm-tools[_-]\d/],
  ['hyperv-daemons', /^(?:hyperv-daemons|hyper-v)[_-]\d/],
  ['azure-agent', /^(?:walinuxagent|python3?-azure-agent|waagent)[_-]/i],
  ['ssm-agent', /^amazon-ssm-agent/],
  ['xe-guest-utilities', /^xe-guest-utilities[_-]\d/],
];

const ENDINGS: Readonly<Record<PackageManager, RegExp>> = {
  dpkg: /(?:_(?:amd64|all)|amazon-ssm-agent)\.deb$/,
  rpm: /(?:\.(?:x86_64|noarch)|amazon-ssm-agent)\.rpm$/,
};

export async function findManager(files: GuestFiles): Promise<PackageManager | undefined> {
  if (await files.test('is-file', '/var/lib/dpkg/status')) return 'dpkg';
  for (const folder of ['/var/lib/rpm', '/usr/lib/sysimage/rpm'])
    if (await files.test('is-dir', folder)) return 'rpm';
  return undefined;
}

/** @throws usage.invalid where the packages cannot be read */
export async function readSupplied(
  files: GuestFiles,
  release: Release,
  location: string | undefined,
): Promise<SuppliedPackages | undefined> {
  const manager = location === undefined ? undefined : await findManager(files);
  if (location === undefined || manager === undefined) return undefined;
  const tree = (await listTree(location)).filter(({ path: name }) => ENDINGS[manager].test(name));
  const sets = new Map<GuestAgent, readonly SuppliedPackage[]>();
  for (const [agent, pattern] of AGENT_PACKAGES) {
    const chosen = setOf(tree, pattern, release);
    if (chosen.length > 0) sets.set(agent, await readAll(chosen));
  }
  return { manager, sets };
}

/** The folder with the agent's package, for this distribution where there are several: "debian12" before "debian". */
function setOf(tree: readonly TreeFile[], pattern: RegExp, { id, version = '' }: Release): TreeFile[] {
  const folders = [
    ...new Set(
      tree
        .filter((file) => pattern.test(path.posix.basename(file.path)))
        .map((file) => path.posix.dirname(file.path)),
    ),
  ];
  const major = version.split('.')[0] ?? '';
  const isCalled = (name: string) => (folder: string) => path.posix.basename(folder).toLowerCase() === name;
  const wanted = [`${id}${version}`, `${id}${major}`, id];
  const named = wanted.map((name) => folders.find(isCalled(name))).find((folder) => folder !== undefined);
  const folder = named ?? (folders.length === 1 ? folders[0] : undefined);
  return folder === undefined ? [] : tree.filter((file) => path.posix.dirname(file.path) === folder);
}

// An agent and what it depends on is some 30 MB.
const MAX_SET_BYTES = 256 * 1024 * 1024;

async function readAll(files: readonly TreeFile[]): Promise<SuppliedPackage[]> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > MAX_SET_BYTES) {
    const folder = path.posix.dirname(files[0]?.path ?? '');
    throw new AscendError(
      'usage.invalid',
      `The packages in ${folder} are larger than ${MAX_SET_BYTES} bytes.`,
      {
        hint: 'Leave only the guest agent and what it depends on in its folder.',
      },
    );
  }
  const packages: SuppliedPackage[] = [];
  for (const file of files)
    packages.push({ name: path.posix.basename(file.path), content: await file.read() });
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const FOLDER = '/var/lib/ascend/packages';
const SUMS = `${FOLDER}/SHA256SUMS`;
const SCRIPT = `${FOLDER}/install.sh`;
const UNIT = 'ascend-packages.service';
const UNIT_PATH = `/etc/systemd/system/${UNIT}`;
const ENABLED = `/etc/systemd/system/multi-user.target.wants/${UNIT}`;

export async function readPackages(
  files: GuestFiles,
  supplied: SuppliedPackages | undefined,
): Promise<PackageFacts> {
  const texts = new Map<string, string>();
  for (const file of [SUMS, SCRIPT, UNIT_PATH]) {
    const text = await files.readText(file);
    if (text !== undefined) texts.set(file, text);
  }
  const staged = new Set(await files.list(FOLDER));
  return { supplied, texts, staged, isEnabled: (await files.readLink(ENABLED)) !== undefined };
}

export function planPackages(
  { supplied, texts, staged, isEnabled }: PackageFacts,
  agents: AgentFacts,
  keep: GuestAgent | undefined,
): FixPlan {
  const packages = keep === undefined ? undefined : supplied?.sets.get(keep);
  if (keep === undefined || supplied === undefined || !packages || isInstalled(agents, keep))
    return { fixes: [], findings: [] };
  if (agents.init !== 'systemd') return { fixes: [], findings: [notInstalled(keep, agents.init)] };
  const wanted = new Map([
    [SUMS, sumsOf(packages)],
    [SCRIPT, scriptOf(supplied.manager)],
    [UNIT_PATH, UNIT_TEXT],
  ]);
  const isSame = [...wanted].every(([file, text]) => texts.get(file) === text);
  if (isSame && isEnabled && packages.every(({ name }) => staged.has(name)))
    return { fixes: [], findings: [] };
  const changes: Change[] = [
    ...packages.map(({ name, content }): Change => ({ kind: 'upload', path: `${FOLDER}/${name}`, content })),
    ...[...wanted].map(([file, content]): Change => ({ kind: 'write', path: file, content })),
    { kind: 'symlink', path: ENABLED, to: UNIT_PATH },
  ];
  const names = packages.map(({ name }) => name).join(', ');
  const summary = `Install the target's guest agent at the first start, once: ${names}.`;
  return { fixes: [{ name: 'linux.guest-packages', summary, changes }], findings: [] };
}

function sumsOf(packages: readonly SuppliedPackage[]): string {
  return packages
    .map(({ name, content }) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
    .join('');
}

/**
 * All or nothing, without a network. apt-get takes nothing where a dependency is missing, and names it; dpkg would leave the
 * agent half installed. It refuses everything where one package is older than what is there: only newer ones are named.
 * Source: apt-get(8), dpkg-query(1), rpm(8).
 */
const INSTALL: Readonly<Record<PackageManager, string>> = {
  dpkg: `
  set --
  for file in ${FOLDER}/*.deb; do
    name=$(dpkg-deb --field "$file" Package)
    there=$(dpkg-query --show --showformat '\${db:Status-Status} \${Version}' "$name" 2>/dev/null | sed -n 's/^installed //p')
    dpkg --compare-versions "$(dpkg-deb --field "$file" Version)" gt "$there" && set -- "$@" "$file"
  done
  export DEBIAN_FRONTEND=noninteractive
  options='--yes --quiet --no-remove --no-install-recommends --option Dpkg::Options::=--force-confold'
  no_sources='--option Dir::Etc::SourceList=/dev/null --option Dir::Etc::SourceParts=-'
  [ $# = 0 ] || apt-get $options $no_sources install "$@"`,
  rpm: `
  rpm --upgrade --replacepkgs ./*.rpm`,
};

/** Another program may hold the lock of the package manager at a start: three attempts. */
function scriptOf(manager: PackageManager): string {
  return `#!/bin/sh
# Installs the guest agent of the platform that this machine was restored to, and removes itself.
install_packages() {${INSTALL[manager]}
}
cd ${FOLDER} || exit 0
for attempt in 1 2 3; do
  echo "ascend-packages: attempt $attempt"
  sha256sum --check --quiet SHA256SUMS && install_packages && echo 'ascend-packages: installed' && break
  sleep 20
done
rm -f ${ENABLED} ${UNIT_PATH}
rm -rf ${FOLDER}
`;
}

const UNIT_TEXT = `[Unit]
Description=Installs the guest agent of the platform that this machine was restored to
ConditionPathExists=${SUMS}

[Service]
Type=oneshot
ExecStart=/bin/sh ${SCRIPT}
TimeoutStartSec=600
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`;

function notInstalled(agent: GuestAgent, init: string): Finding {
  return {
    code: 'guest.packages-not-installed',
    severity: Severity.WARN,
    subject: agent,
    message: `The packages of ${agent} are not installed: the guest starts its services by ${init === 'unknown' ? 'an unknown init' : init}, not by systemd.`,
    remedy: 'Install them in the machine after it has started.',
  };
}
