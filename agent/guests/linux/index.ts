/** The Linux fixer. What was proven, and against what: README.md. */
import { Severity, type Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { runsPrograms, type FixPlan, type GuestFixer } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import { planAgents } from './agents/agents.ts';
import { planArguments } from './boot/arguments.ts';
import { liveArguments } from './boot/boot-files.ts';
import { planCloudInit } from './cloud-init.ts';
import { planCrypttab, unlockFindings } from './storage/crypttab.ts';
import { describeLinux } from './describe.ts';
import { readFacts, type LinuxFacts } from './facts.ts';
import { readDiskStarts } from './firmware/disk-starts.ts';
import { proveLoader } from './firmware/loaders.ts';
import { planFirmware } from './firmware/plan.ts';
import { planFstab } from './storage/fstab.ts';
import { planLvm } from './storage/lvm.ts';
import { planNextKernel } from './drivers/next-initramfs.ts';
import { planNics } from './nics/nics.ts';
import { planPackages } from './agents/packages/install.ts';
import { readSupplied } from './agents/packages/supply.ts';
import { proveKernel } from './drivers/proofs.ts';
import { readRelease } from './release.ts';
import { mountRoot, withNewNames } from './storage/root.ts';
import { planKernel } from './drivers/segment.ts';
import { planSelinux } from './selinux.ts';
import { unknownImages } from './drivers/unified-findings.ts';

/** Encrypted volumes, and no root outside them. */
interface LockedGuest {
  locked: readonly string[];
  /** Whether keys were tried. */
  keysTried: boolean;
}

export const linux: GuestFixer<LinuxFacts | LockedGuest> = {
  family: 'linux',
  async inspect(session, { packages }) {
    const { root, filesystems } = await mountRoot(session);
    if (root) {
      const supplied = await readSupplied(session, await readRelease(session), packages);
      return readFacts(session, root, await readDiskStarts(session), supplied);
    }
    const locked = filesystems.filter(({ type }) => type === 'crypto_LUKS').map(({ device }) => device);
    return locked.length > 0 ? { locked, keysTried: session.hasKeys } : undefined;
  },
  async reinspect(session, earlier) {
    if ('locked' in earlier) return earlier;
    const starts = await readDiskStarts(session);
    const before = earlier.firmware.bootDisk?.start;
    const isSame = before !== undefined && starts.bootDisk?.start.equals(before);
    const root = isSame ? earlier.root : await withNewNames(session, earlier.root);
    return readFacts(session, root, starts, earlier.packages.supplied);
  },
  describe: (facts) =>
    'locked' in facts ? undefined : { name: facts.release.name, facts: describeLinux(facts) },
  plan: (facts, wants) =>
    'locked' in facts ? { fixes: [], findings: [encrypted(facts)] } : planLinux(facts, wants),
  prove: (facts, wants) =>
    'locked' in facts
      ? []
      : [
          ...facts.kernels.flatMap((kernel) => proveKernel(kernel, wants)),
          ...proveLoader(facts.firmware, wants),
        ],
};

export function planLinux(facts: LinuxFacts, wants: GuestRequirements): FixPlan {
  const nics = planNics(facts.network, wants);
  const versions = facts.kernels.map(({ version }) => version);
  const fstab = planFstab(facts.fstab, facts.root);
  const plan = merge([
    // A NIC is named before the root is mounted, so its link file is needed there too.
    planKernels(facts, wants, nics.links),
    only(planNextKernel(facts.tools, facts.kernels, wants)),
    fstab,
    planCrypttab(facts.crypttab, facts.root),
    { fixes: [], findings: unlockFindings(facts.crypttab, facts.root, facts.release.name) },
    { fixes: planArguments(facts.bootFiles, facts.root, wants, versions), findings: bootFindings(facts) },
    only(planLvm(facts.lvm)),
    nics,
    only(planAgents(facts.agents, wants.guestAgent)),
    planPackages(facts.packages, facts.agents, wants.guestAgent),
    only(planCloudInit(facts.cloudInit, wants)),
    planFirmware({ ...facts, fstab: textAfter(fstab, facts.fstab), name: facts.release.name }, wants),
  ]);
  // What the guest's own programs build, they build by the files that the others write.
  const fixes = [
    ...plan.fixes.filter((fix) => !runsPrograms(fix)),
    ...plan.fixes.filter((fix) => runsPrograms(fix)),
  ];
  return { fixes: [...fixes, ...planSelinux(facts.selinux, fixes)], findings: plan.findings };
}

function only(fixes: FixPlan['fixes']): FixPlan {
  return { fixes, findings: [] };
}

function merge(plans: readonly FixPlan[]): FixPlan {
  return { fixes: plans.flatMap(({ fixes }) => fixes), findings: plans.flatMap(({ findings }) => findings) };
}

/** The file as those fixes leave it. */
function textAfter({ fixes }: FixPlan, before: string): string {
  const change = fixes.flatMap(({ changes }) => changes).at(-1);
  return change?.kind === 'write' ? change.content : before;
}

/** What stops the newest kernel stops the restore; what stops an older one is told. */
function planKernels(
  { kernels, builders, root }: LinuxFacts,
  wants: GuestRequirements,
  links: ReadonlyMap<string, string>,
): FixPlan {
  const newest = kernels[0]?.version;
  const isOrdinary = kernels.some(({ unified }) => unified === undefined);
  const isEncrypted = root.layout?.layers.some(({ kind }) => kind === 'encrypted') ?? false;
  return merge(
    kernels.map((kernel) => {
      const { fixes, findings } = planKernel(kernel, wants, links, { builders, isEncrypted });
      // An image beside ordinary entries need not be what is started.
      const counts = kernel.version === newest && !(kernel.unified && isOrdinary);
      return { fixes, findings: counts ? findings : findings.map(asWarning) };
    }),
  );
}

function asWarning(finding: Finding): Finding {
  return finding.severity === Severity.BLOCK ? { ...finding, severity: Severity.WARN } : finding;
}

function bootFindings({ kernels, unifiedKernels, bootFiles, release: { name } }: LinuxFacts): Finding[] {
  const block = (code: string, message: string): Finding => {
    const remedy = 'Restore this machine to its own platform.';
    return { code, severity: Severity.BLOCK, subject: name, message, remedy };
  };
  return [
    ...(kernels.length === 0
      ? [
          block(
            'guest.no-kernel',
            'No kernel with an initramfs and modules was found in /boot and /lib/modules.',
          ),
        ]
      : []),
    ...(bootFiles.flatMap(liveArguments).length + unifiedKernels.length === 0
      ? [
          block(
            'guest.no-boot-loader',
            'No entry of GRUB, systemd-boot or extlinux starts a kernel: this boot loader is not known.',
          ),
        ]
      : []),
    ...unknownImages(unifiedKernels, kernels),
  ];
}

function encrypted({ locked, keysTried }: LockedGuest): Finding {
  const tried = keysTried ? ', and no key that was given opens them' : '';
  return {
    code: 'guest.encrypted',
    severity: Severity.BLOCK,
    subject: 'guest',
    message: `The root file system is not found outside the encrypted volumes (LUKS) of the machine: ${locked.join(', ')}${tried}.`,
    remedy:
      'Give its passphrase or key in a file, by --luksKey FILE or as luksKeys in agent.json; or restore this machine to its own platform.',
  };
}
