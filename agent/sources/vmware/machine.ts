/** A machine from the settings of a VMX file. */
import { AscendError } from '../../../proto/errors.ts';
import { Firmware, type Disk, type Machine, type Nic } from '../../../proto/gen/ascend/v1/machine.ts';
import { guestOf } from './guest-os.ts';
import type { Vmx } from './vmx.ts';

/** @throws source.invalid for a configuration that is encrypted as a whole. */
export function machineOf(vmx: Vmx, file: string): Machine {
  refuseEncrypted(vmx, file);
  const memoryMib = vmx.number('memsize');
  // Absent keys of these have a meaning in a VMX: one vCPU, one core a socket, BIOS.
  const count = atLeastOne(vmx.number('numvcpus'));
  const coresPerSocket = atLeastOne(vmx.number('cpuid.corespersocket'));
  return {
    name: vmx.get('displayname') ?? '',
    platform: 'vmware',
    sourceId: vmx.get('uuid.bios') && uuidOf(vmx.get('uuid.bios') ?? ''),
    guest: guestOf(vmx.get('guestos'), vmx.get('guestinfo.detailed.data')),
    cpu: { count, sockets: Math.ceil(count / coresPerSocket), coresPerSocket },
    memoryBytes: memoryMib === undefined ? undefined : BigInt(memoryMib) * 1024n * 1024n,
    firmware: vmx.get('firmware')?.toLowerCase() === 'efi' ? Firmware.UEFI : Firmware.BIOS,
    secureBoot: vmx.flag('uefi.secureboot.enabled') ?? false,
    tpm: vmx.flag('vtpm.present') ?? false,
    disks: disksOf(vmx),
    nics: nicsOf(vmx),
    notes: vmx.get('annotation'),
    tags: {},
  };
}

function atLeastOne(count: number | undefined): number {
  return Math.max(1, count ?? 1);
}

function refuseEncrypted(vmx: Vmx, file: string): void {
  // "partial" leaves the hardware readable: only secrets are encrypted then.
  if (vmx.get('encryption.data') === undefined || vmx.get('vmx.encryptiontype') === 'partial') return;
  throw new AscendError(
    'source.invalid',
    `${file} is encrypted: what the machine is made of cannot be read.`,
    {
      context: { file },
      hint: 'Decrypt the VM on its platform (VM settings, Access Control) and take the backup again.',
    },
  );
}

/** "56 4d 4b 9e d2 17 63 9b-98 0e 92 5d 77 2a a3 83" as a UUID. */
function uuidOf(text: string): string {
  const hex = text.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
  if (hex.length !== 32) return text;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

// VMware's BIOS boots the first disk in this order of controllers unless bios.hddOrder says otherwise.
const BUSES = ['ide', 'scsi', 'sata', 'nvme'];

function disksOf(vmx: Vmx): Disk[] {
  const found: { disk: Disk; rank: number }[] = [];
  for (const key of vmx.keys()) {
    const address = /^(ide|scsi|sata|nvme)(\d{1,2}):(\d{1,2})\.filename$/.exec(key);
    if (!address) continue;
    const [, kind = '', bus = '', unit = ''] = address;
    const id = `${kind}${bus}:${unit}`;
    if (!isDisk(vmx, id)) continue;
    const controller = {
      kind,
      model: vmx.get(`${kind}${bus}.virtualdev`),
      bus: Number(bus),
      unit: Number(unit),
    };
    const rank = BUSES.indexOf(kind) * 1e6 + Number(bus) * 1e3 + Number(unit);
    found.push({ disk: { id, label: vmx.get(key), controller, boot: false }, rank });
  }
  const order = (vmx.get('bios.hddorder') ?? '').split(',').map((id) => id.trim().toLowerCase());
  const places = new Map(order.map((id, index) => [id, index]));
  // It may still name disks that were removed: the first that is there boots, those it does not name come after.
  const place = (id: string) => places.get(id) ?? order.length;
  found.sort((a, b) => place(a.disk.id) - place(b.disk.id) || a.rank - b.rank);
  return found.map(({ disk }, index) => ({ ...disk, boot: index === 0 }));
}

function isDisk(vmx: Vmx, id: string): boolean {
  const type = vmx.get(`${id}.devicetype`)?.toLowerCase() ?? 'disk';
  return vmx.flag(`${id}.present`) === true && (type === 'disk' || type.endsWith('harddisk'));
}

function nicsOf(vmx: Vmx): Nic[] {
  const nics: { nic: Nic; index: number }[] = [];
  for (const key of vmx.keys()) {
    const index = Number(/^ethernet(\d{1,2})\.present$/.exec(key)?.[1] ?? NaN);
    if (!Number.isNaN(index) && vmx.flag(key) === true) nics.push({ nic: nicOf(vmx, index), index });
  }
  nics.sort((a, b) => a.index - b.index);
  return nics.map(({ nic }) => nic);
}

// It goes into files of the guest and of the target: nothing but a MAC may.
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

function nicOf(vmx: Vmx, index: number): Nic {
  const id = `ethernet${index}`;
  const fixed = vmx.get(`${id}.addresstype`)?.toLowerCase() === 'static';
  const mac = vmx.get(`${id}.${fixed ? 'address' : 'generatedaddress'}`)?.toLowerCase();
  const slot = vmx.number(`${id}.pcislotnumber`);
  return {
    id,
    mac: mac && MAC.test(mac) ? mac : undefined,
    model: vmx.get(`${id}.virtualdev`),
    network:
      vmx.get(`${id}.networkname`) ?? vmx.get(`${id}.dvs.portgroupid`) ?? vmx.get(`${id}.opaquenetwork.id`),
    connected: vmx.flag(`${id}.startconnected`) ?? true,
    addresses: [],
    // VMware hands the slot to the guest as the ACPI slot number, and udev names the NIC after it
    // (systemd.net-naming-scheme, ID_NET_NAME_SLOT). ethN is the kernel's own name.
    guestNames: [...(slot === undefined ? [] : [`ens${slot}`]), `eth${index}`],
  };
}
