/** The Windows fixer. What was proven, and against what: README.md. */
import type { Fix, FixPlan, GuestFixer } from '../fix.ts';
import type { GuestSession } from '../guest.ts';
import type { GuestRequirements, Supplies } from '../requirements.ts';
import { planBootData, planFallbackLoader } from './boot-data.ts';
import { describeWindows } from './describe.ts';
import { proveNetwork, proveStorage } from './drivers/prove.ts';
import { planStorage } from './drivers/storage.ts';
import { suitableDrivers } from './drivers/supplied.ts';
import { driverTree, listTree } from './drivers/tree.ts';
import { readInstallation, type Installation, type SuppliesFor, type WindowsFacts } from './facts.ts';
import { spaceFindings, windowsFindings } from './findings.ts';
import { planFirstBoot } from './first-boot/plan.ts';
import { findInstallers } from './installers.ts';
import { mountWindows } from './mount.ts';
import { planServices } from './services.ts';
import { planSettings } from './settings.ts';
import { planAddresses } from './static-addresses.ts';
import { planStaging } from './staging.ts';
import type { WindowsVersion } from './version.ts';
import { listVolumes } from './volumes.ts';

export const windows: GuestFixer<WindowsFacts> = {
  family: 'windows',
  async inspect(session, supplies) {
    const volumes = await listVolumes(session);
    const mounted = await mountWindows(session, volumes);
    if (mounted) {
      const suppliesFor = (version: WindowsVersion) => readSupplies(supplies, version);
      return { volumes, installation: await readInstallation(session, mounted, suppliesFor) };
    }
    // Locked volumes of another disk say nothing of what the machine starts.
    const locked = volumes.some(({ disk, kind }) => disk === 0 && (kind === 'bitlocker' || kind === 'ldm'));
    return locked ? { volumes, installation: undefined } : undefined;
  },
  async reinspect(session, { volumes, installation }) {
    return { volumes, installation: installation && (await readAgain(session, installation)) };
  },
  describe({ installation }) {
    return installation && describeWindows(installation);
  },
  addresses({ installation }, wants) {
    const configurations =
      installation === undefined ? [] : planAddresses(installation, wants).configurations;
    return configurations.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  },
  plan(facts, wants) {
    const findings = windowsFindings(facts, wants);
    const { installation } = facts;
    if (installation === undefined) return { fixes: [], findings };
    const repairs = planRepairs(installation, wants);
    return { fixes: repairs.fixes, findings: [...findings, ...repairs.findings] };
  },
  prove({ installation }, wants) {
    if (installation === undefined) return [];
    return [...proveStorage(installation, wants), ...proveNetwork(installation, wants)];
  },
};

function planRepairs(guest: Installation, wants: GuestRequirements): FixPlan {
  const of = (fixes: Fix[]): FixPlan => ({ fixes, findings: [] });
  const plans = [
    planStorage(guest, wants),
    planStaging(guest, wants),
    of(planServices(guest, wants.guestAgent)),
    of(planSettings(guest, wants)),
    of(planBootData(guest, wants)),
    of(planFallbackLoader(guest, wants)),
    planFirstBoot(guest, wants),
  ];
  const fixes = plans.flatMap((plan) => plan.fixes);
  const findings = plans.flatMap((plan) => plan.findings);
  return { fixes, findings: [...findings, ...spaceFindings(guest, fixes)] };
}

async function readSupplies({ drivers, packages }: Supplies, version: WindowsVersion): Promise<SuppliesFor> {
  const tree = drivers === undefined ? [] : await driverTree(drivers);
  const others = packages === undefined ? [] : await listTree(packages);
  return {
    supplied: await suitableDrivers(tree, version),
    installers: await findInstallers([...others, ...tree], version.arch),
  };
}

function readAgain(
  session: GuestSession,
  { mounted, supplied, installers }: Installation,
): Promise<Installation> {
  return readInstallation(session, mounted, () => Promise.resolve({ supplied, installers }));
}
