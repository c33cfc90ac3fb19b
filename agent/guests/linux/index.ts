/** The Linux fixer. What was proven, and against what: README.md. */
import { Severity } from '../../../proto/gen/ascend/v1/finding.ts';
import type { FixPlan, GuestFixer } from '../fix.ts';
import type { GuestSession } from '../guest.ts';
import { ALL_AGENT_UNITS, planAgents } from './agents.ts';
import { planFstab } from './fstab.ts';
import { GRUB_CONFIGS, GRUB_DEFAULTS, planGrub, type GrubFacts } from './grub.ts';
import { INITRAMFS_MODULES, planKernel, planNextKernel, readKernels, type KernelFacts } from './kernels.ts';
import { LINK_DIR, planNics, type NetworkFacts } from './nics.ts';
import type { MountedRoot } from './devices.ts';
import { mountRoot } from './root.ts';

export interface LinuxFacts {
  /** PRETTY_NAME of os-release. */
  name: string;
  root: MountedRoot;
  fstab: string;
  grub: GrubFacts;
  kernels: readonly KernelFacts[];
  initramfsModules: string | undefined;
  network: NetworkFacts;
  agents: { present: ReadonlySet<string>; masked: ReadonlySet<string> };
}

export const linux: GuestFixer<LinuxFacts> = {
  family: 'linux',
  async inspect(session) {
    const root = await mountRoot(session);
    return root && readFacts(session, root);
  },
  reinspect: (session, { root }) => readFacts(session, root),
  plan(facts, wants) {
    const nics = planNics(facts.network, wants);
    // A NIC is named before the root is mounted, so its link file is needed there too.
    const links = new Map(
      nics.fixes.flatMap(({ changes }) =>
        changes.flatMap((change) =>
          change.kind === 'write' ? [[change.path.slice(1), change.content]] : [],
        ),
      ),
    );
    const kernels = facts.kernels.map((kernel) => planKernel(kernel, wants, links));
    return merge([
      ...kernels,
      { fixes: planNextKernel(facts.kernels, facts.initramfsModules, wants), findings: [] },
      planFstab(facts.fstab, facts.root),
      { fixes: planGrub(facts.grub, facts.root, wants.serialConsole), findings: bootFindings(facts) },
      nics,
      { fixes: planAgents(facts.agents.present, facts.agents.masked, wants.guestAgent), findings: [] },
    ]);
  },
};

function merge(plans: readonly FixPlan[]): FixPlan {
  return { fixes: plans.flatMap(({ fixes }) => fixes), findings: plans.flatMap(({ findings }) => findings) };
}

function bootFindings({ kernels, grub, name }: LinuxFacts): FixPlan['findings'] {
  const findings: FixPlan['findings'] = [];
  const block = (code: string, message: string, remedy: string) =>
    void findings.push({ code, severity: Severity.BLOCK, subject: name, message, remedy });
  if (kernels.length === 0) {
    block(
      'guest.no-kernel',
      'No kernel with an initramfs and modules was found in /boot and /lib/modules.',
      'Restore this machine to its own platform.',
    );
  }
  if (grub.configs.size === 0) {
    block(
      'guest.no-grub',
      `None of ${GRUB_CONFIGS.join(', ')} is there: this boot loader is not known.`,
      'Restore this machine to its own platform.',
    );
  }
  return findings;
}

async function readFacts(session: GuestSession, root: MountedRoot): Promise<LinuxFacts> {
  const release = (await session.readText('/etc/os-release')) ?? '';
  return {
    name: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? 'Linux',
    root,
    fstab: (await session.readText('/etc/fstab')) ?? '',
    grub: { configs: await readAll(session, GRUB_CONFIGS), defaults: await session.readText(GRUB_DEFAULTS) },
    kernels: await readKernels(session),
    initramfsModules: await session.readText(INITRAMFS_MODULES),
    network: await readNetwork(session),
    agents: await readAgents(session),
  };
}

async function readNetwork(session: GuestSession): Promise<NetworkFacts> {
  const interfaces = ['/etc/network/interfaces', ...(await filesIn(session, '/etc/network/interfaces.d'))];
  const links = (await filesIn(session, LINK_DIR)).filter((path) => path.endsWith('.link'));
  return {
    ifupdown: [...(await readAll(session, interfaces)).values()],
    linkFiles: await readAll(session, links),
  };
}

async function readAgents(session: GuestSession): Promise<LinuxFacts['agents']> {
  const present = new Set<string>();
  const masked = new Set<string>();
  for (const directory of ['/lib/systemd/system', '/usr/lib/systemd/system', '/etc/systemd/system']) {
    const units = new Set(await session.list(directory));
    for (const unit of ALL_AGENT_UNITS) if (units.has(unit)) present.add(unit);
  }
  for (const unit of present) {
    const path = `/etc/systemd/system/${unit}`;
    if ((await session.test('is-symlink', path)) && (await session.call('readlink', path)) === '/dev/null')
      masked.add(unit);
  }
  return { present, masked };
}

async function readAll(session: GuestSession, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await session.readText(path);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

async function filesIn(session: GuestSession, directory: string): Promise<string[]> {
  return (await session.list(directory)).map((name) => `${directory}/${name}`);
}
