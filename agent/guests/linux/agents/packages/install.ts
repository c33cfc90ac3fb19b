/**
 * The target's guest agent, installed at the first start from packages that the user supplies: nothing of the guest runs
 * before. Source: dpkg(1), rpm(8), systemd.service(5).
 */
import { Severity, type Finding } from '../../../../../proto/gen/ascend/v1/finding.ts';
import type { GuestFiles } from '../../../files.ts';
import type { Change, FixPlan } from '../../../fix.ts';
import type { GuestAgent } from '../../../requirements.ts';
import { sha256 } from '../../../sha256.ts';
import { isInstalled, unitsOf, type AgentFacts } from '../agents.ts';
import type { PackageManager, Supply, SuppliedPackage, SuppliedPackages } from './supply.ts';

export interface PackageFacts {
  supplied: SuppliedPackages | undefined;
  /** What an earlier repair has put there: path -> text. */
  texts: ReadonlyMap<string, string>;
  /** Names of the packages among it. */
  staged: ReadonlySet<string>;
  isEnabled: boolean;
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
  const supply = keep === undefined ? undefined : supplied?.supplies.get(keep);
  if (keep === undefined || supplied === undefined || !supply || isInstalled(agents, keep))
    return { fixes: [], findings: [] };
  if (supply.kind !== 'whole') return { fixes: [], findings: [lacking(keep, supply)] };
  if (agents.init !== 'systemd') return { fixes: [], findings: [notInstalled(keep, agents.init)] };
  const { packages } = supply;
  const wanted = new Map([
    [SUMS, sumsOf(packages)],
    [SCRIPT, scriptOf(supplied.manager, keep)],
    [UNIT_PATH, UNIT_TEXT],
  ]);
  const isSame = [...wanted].every(([file, text]) => texts.get(file) === text);
  if (isSame && isEnabled && packages.every(({ file }) => staged.has(file)))
    return { fixes: [], findings: [] };
  const changes: Change[] = [
    ...packages.map(({ file, content }): Change => ({ kind: 'upload', path: `${FOLDER}/${file}`, content })),
    ...[...wanted].map(([file, content]): Change => ({ kind: 'write', path: file, content })),
    { kind: 'symlink', path: ENABLED, to: UNIT_PATH },
  ];
  const names = packages.map(({ file }) => file).join(', ');
  const summary = `Install the target's guest agent at the first start, once: ${names}.`;
  return { fixes: [{ name: 'linux.guest-packages', summary, changes }], findings: [] };
}

function sumsOf(packages: readonly SuppliedPackage[]): string {
  return packages.map(({ file, content }) => `${sha256(content)}  ${file}\n`).join('');
}

/**
 * All or nothing, without a network: apt-get takes nothing where a dependency is missing or stands against another package;
 * dpkg would leave the agent half installed. Source: apt-get(8), rpm(8).
 */
const INSTALL: Readonly<Record<PackageManager, string>> = {
  dpkg: `
  export DEBIAN_FRONTEND=noninteractive
  options='--yes --quiet --no-remove --no-install-recommends --option Dpkg::Options::=--force-confold'
  : >none.list && mkdir -p none.d
  no_sources="--option Dir::Etc::SourceList=$PWD/none.list --option Dir::Etc::SourceParts=$PWD/none.d"
  apt-get $options $no_sources install ./*.deb`,
  rpm: `
  rpm --upgrade --replacepkgs ./*.rpm`,
};

/**
 * Another program may hold the lock of the package manager at a start: three attempts. The agent is started, because what
 * its package has for that may be a rule of udev for a channel that is there already; by that rule, too, systemd comes to
 * know of the channel, which the unit waits for. Source: 60-qemu-guest-agent.rules, 60-hyperv-daemons.rules of Debian.
 */
function scriptOf(manager: PackageManager, agent: GuestAgent): string {
  return `#!/bin/sh
# Installs the guest agent of the platform that this machine was restored to, and removes itself.
install_packages() {${INSTALL[manager]}
}
start_agent() {
  udevadm control --reload
  udevadm trigger --subsystem-match=virtio-ports --subsystem-match=misc
  udevadm settle --timeout=30
  for unit in ${unitsOf([agent]).join(' ')}; do
    systemctl cat "$unit" >/dev/null 2>&1 || continue
    systemctl enable --quiet "$unit" 2>/dev/null
    systemctl start --no-block "$unit"
  done
}
cd ${FOLDER} || exit 0
outcome='not installed, for the reasons above'
for attempt in 1 2 3; do
  echo "ascend-packages: attempt $attempt"
  sha256sum --check --quiet SHA256SUMS && install_packages && outcome='installed' && break
  sleep 20
done
[ "$outcome" = installed ] && start_agent
echo "ascend-packages: $outcome"
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

function lacking(agent: GuestAgent, supply: Exclude<Supply, { kind: 'whole' }>): Finding {
  const finding = { severity: Severity.WARN, subject: agent };
  if (supply.kind === 'incomplete') {
    return {
      ...finding,
      code: 'guest.agent-dependency-missing',
      message: `${supply.file} is not installed: it needs ${supply.missing.join(', ')}, which neither the guest nor the folder of the package has. Packages that the guest has are not replaced.`,
      remedy: 'Put what is missing beside the package, from the same release of the distribution.',
    };
  }
  const some = supply.files.slice(0, 5).join(', ');
  return {
    ...finding,
    code: 'guest.agent-package-missing',
    message: `Of the supplied packages of ${agent} none is clearly for this guest: ${some}.`,
    remedy:
      'Put the package of its distribution and processor, with what it depends on, into a folder that is called as ID and VERSION_ID of its /etc/os-release, as "debian12".',
  };
}

function notInstalled(agent: GuestAgent, init: string): Finding {
  return {
    code: 'guest.packages-not-installed',
    severity: Severity.WARN,
    subject: agent,
    message: `The packages of ${agent} are not installed: the guest starts its services by ${init === 'unknown' ? 'an unknown init' : init}, not by systemd.`,
    remedy: 'Install them in the machine after it has started.',
  };
}
