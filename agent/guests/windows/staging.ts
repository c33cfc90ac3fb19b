/** Drivers that Windows itself installs at its first start: it looks for them where DevicePath says. */
import { warn } from '../../../proto/finding.ts';
import type { Fix, FixPlan } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import { SUPPLIED } from './drivers/boot-drivers.ts';
import { CARDS, type Card } from './drivers/cards.ts';
import { sha256 } from '../sha256.ts';
import type { SuppliedDriver } from './drivers/supplied.ts';
import type { Installation } from './facts.ts';
import { registryFix } from './planned.ts';
import { setValue } from './registry/edits.ts';
import { asText, expandable, type Registry } from './registry/registry.ts';
import { serviceStart } from './control-sets.ts';

/** In the guest's Windows folder; virt-v2v uses Drivers\VirtIO alike. */
export const STAGING_FOLDER = 'Drivers/Ascend';
export const STAGING_PATH = '%SystemRoot%\\Drivers\\Ascend';
const CURRENT_VERSION = 'Microsoft\\Windows\\CurrentVersion';

export interface StagedDriver {
  driver: SuppliedDriver;
  /** The target's disk or network does not work without it. */
  required: boolean;
}

/** Those for devices of the target's make. */
export function stagedDrivers(
  { supplied }: Installation,
  { network, storage }: Pick<GuestRequirements, 'network' | 'storage'>,
): StagedDriver[] {
  const boot = SUPPLIED[storage];
  const vendors = new Set([CARDS[network].vendor, boot?.vendor].filter(Boolean));
  return supplied
    .filter(({ pciIds }) => pciIds.some((id) => vendors.has(id.slice(0, 'VEN_XXXX'.length))))
    .map((driver) => ({
      driver,
      required:
        isForCard(driver, CARDS[network]) || (boot?.isNeeded === true && driver.name === boot.service),
    }));
}

export function isForCard({ pciIds }: SuppliedDriver, { vendor, pci }: Card): boolean {
  return pci.some((device) => pciIds.some((id) => id.startsWith(`${vendor}&${device}`)));
}

export function planStaging(guest: Installation, wants: GuestRequirements): FixPlan {
  const staged = stagedDrivers(guest, wants);
  const folder = `${guest.mounted.windows}/${STAGING_FOLDER}`;
  const files = new Map(
    staged.flatMap(({ driver }) => driver.files.map((file) => [file.name, file.content])),
  );
  const changes: Fix['changes'] = [];
  for (const [name, content] of files) {
    const path = `${folder}/${name}`;
    if (guest.present.get(path.toLowerCase()) !== sha256(content))
      changes.push({ kind: 'upload', path, content });
  }
  const names = staged.map(({ driver }) => driver.name).join(', ');
  const summary = `Puts drivers for the target's devices where Windows looks for them when it meets a new device: ${names}.`;
  return {
    fixes: [
      ...(changes.length > 0 ? [{ name: 'windows.staged-drivers', summary, changes }] : []),
      ...(staged.length > 0 ? devicePath(guest) : []),
    ],
    findings: networkFindings(guest, wants, staged),
  };
}

function devicePath({ software, mounted }: Installation): Fix[] {
  if (isStagingNamed(software)) return [];
  const there = asText(software.value(CURRENT_VERSION, 'DevicePath')) ?? '%SystemRoot%\\inf';
  return registryFix(
    'windows.device-path',
    `Lets Windows look for drivers in ${STAGING_PATH} too.`,
    { path: mounted.softwareHive, registry: software },
    [setValue(CURRENT_VERSION, 'DevicePath', expandable(`${there};${STAGING_PATH}`))],
  );
}

/** Whether Windows looks into the folder when it meets a new device. */
export function isStagingNamed(software: Registry): boolean {
  const there = asText(software.value(CURRENT_VERSION, 'DevicePath')) ?? '';
  return there.toLowerCase().split(';').includes(STAGING_PATH.toLowerCase());
}

function networkFindings(
  { system, currentControlSet, version }: Installation,
  { network }: GuestRequirements,
  staged: readonly StagedDriver[],
): FixPlan['findings'] {
  const card = CARDS[network];
  const installed = card.services.some(
    (service) => serviceStart(system, currentControlSet ?? '', service) !== undefined,
  );
  if (card.inbox || installed || staged.some(({ driver }) => isForCard(driver, card))) return [];
  return [
    warn(
      'guest.windows-no-network-driver',
      version.name,
      `Windows has no driver for the network card of the target, ${card.title}, and none was supplied: it will start without a network.`,
      "Name the target's drivers (virtio-win, VMware Tools, AWS) with --drivers, or install them in the original machine.",
    ),
  ];
}
