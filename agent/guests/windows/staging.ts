/** Drivers that Windows itself installs at its first start: it looks for them where DevicePath says. */
import { warn } from '../../../proto/finding.ts';
import type { Fix, FixPlan } from '../fix.ts';
import type { GuestRequirements, NetworkCard } from '../requirements.ts';
import { sha256 } from './drivers/storage.ts';
import type { SuppliedDriver } from './drivers/supplied.ts';
import type { Installation } from './facts.ts';
import { registryFix } from './planned.ts';
import { setValue } from './registry/edits.ts';
import { asText, expandable } from './registry/registry.ts';
import { serviceStart } from './control-sets.ts';

/** In the guest's Windows folder; virt-v2v uses Drivers\VirtIO alike. */
export const STAGING_FOLDER = 'Drivers/Ascend';
const STAGING_PATH = '%SystemRoot%\\Drivers\\Ascend';
const CURRENT_VERSION = 'Microsoft\\Windows\\CurrentVersion';

/** A card's devices, and the services of drivers that Windows or an earlier installation may have for it. */
const CARDS: Readonly<
  Record<NetworkCard, { title: string; vendor: string; pci: string[]; services: string[]; inbox: boolean }>
> = {
  'virtio-net': {
    title: 'virtio',
    vendor: 'VEN_1AF4',
    pci: ['DEV_1000', 'DEV_1041'],
    services: ['netkvm'],
    inbox: false,
  },
  vmxnet3: {
    title: 'VMXNET3',
    vendor: 'VEN_15AD',
    pci: ['DEV_07B0'],
    services: ['vmxnet3ndis6'],
    inbox: false,
  },
  ena: {
    title: 'Elastic Network Adapter',
    vendor: 'VEN_1D0F',
    pci: ['DEV_EC20', 'DEV_EC21'],
    services: ['ena'],
    inbox: false,
  },
  'xen-net': { title: 'Xen', vendor: 'VEN_5853', pci: [], services: ['xennet', 'xenvif'], inbox: false },
  e1000e: { title: 'Intel 82574L', vendor: 'VEN_8086', pci: ['DEV_10D3'], services: [], inbox: true },
  netvsc: { title: 'Hyper-V', vendor: '', pci: [], services: ['netvsc'], inbox: true },
};

export interface StagedDriver {
  driver: SuppliedDriver;
  /** The target's disk or network does not work without it. */
  required: boolean;
}

/** Those for devices of the target's make. */
export function stagedDrivers(
  { supplied }: Installation,
  { network, storage }: GuestRequirements,
): StagedDriver[] {
  const card = CARDS[network];
  const vendors = new Set([
    card.vendor,
    { 'virtio-blk': 'VEN_1AF4', 'virtio-scsi': 'VEN_1AF4', pvscsi: 'VEN_15AD' }[storage as string],
  ]);
  if (card.inbox) vendors.delete(card.vendor);
  return supplied
    .filter(({ pciIds }) => pciIds.some((id) => vendors.has(id.slice(0, 8))))
    .map((driver) => ({
      driver,
      required:
        isFor(driver, card) ||
        driver.name ===
          { 'virtio-blk': 'viostor', 'virtio-scsi': 'vioscsi', pvscsi: 'pvscsi' }[storage as string],
    }));
}

function isFor({ pciIds }: SuppliedDriver, { vendor, pci }: { vendor: string; pci: string[] }): boolean {
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
  const there = asText(software.value(CURRENT_VERSION, 'DevicePath')) ?? '%SystemRoot%\\inf';
  if (there.toLowerCase().split(';').includes(STAGING_PATH.toLowerCase())) return [];
  return registryFix(
    'windows.device-path',
    `Lets Windows look for drivers in ${STAGING_PATH} too.`,
    { path: mounted.softwareHive, registry: software },
    [setValue(CURRENT_VERSION, 'DevicePath', expandable(`${there};${STAGING_PATH}`))],
  );
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
  if (card.inbox || installed || staged.some(({ driver }) => isFor(driver, card))) return [];
  return [
    warn(
      'guest.windows-no-network-driver',
      version.name,
      `Windows has no driver for the network card of the target, ${card.title}, and none was supplied: it will start without a network.`,
      "Name the target's drivers (virtio-win, VMware Tools, AWS) with --drivers, or install them in the original machine.",
    ),
  ];
}
