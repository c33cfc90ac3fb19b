/** The NICs of a configuration of the vSphere API, with the addresses that VMware Tools reported. */
import type { Nic } from '../../../../proto/gen/ascend/v1/machine.ts';
import { addressWith } from '../../addresses.ts';
import type { Facts } from '../../facts.ts';
import { macFindings, macOf } from '../../mac.ts';
import { guestNames } from '../nic-names.ts';
import { nicModel, type Devices } from './devices.ts';
import { smallNumber, type VimNode } from './node.ts';

export function nicsOf(devices: Devices, guest: VimNode, facts: Facts): Nic[] {
  const reports = new Reports(guest);
  return devices.nics.map((device, index) => nicOf(device, index, reports, facts));
}

function nicOf(device: VimNode, index: number, reports: Reports, facts: Facts): Nic {
  const id = `ethernet${index}`;
  const note = <T>(fact: string, value: T, { where }: VimNode): T =>
    facts.note(`nics.${id}.${fact}`, value, where);
  const stated = device.get('macAddress');
  const mac = macOf(stated.text());
  facts.findings.push(...macFindings(id, stated.text(), facts.file));
  const network = networkOf(device.get('backing'));
  const connected = device.get('connectable', 'startConnected');
  const slot = smallNumber(device.get('slotInfo', 'pciSlotNumber'));
  const report = reports.of(device, mac);
  const addresses = report ? addressesOf(report) : [];
  if (report && addresses.length > 0) note('addresses', addresses, report);
  return {
    id,
    mac: note('mac', mac, stated),
    model: note('model', nicModel(device), device),
    network: note('network', network?.text(), network ?? device),
    connected: note('connected', connected.flag(), connected),
    addresses,
    guestNames: guestNames(slot, index),
  };
}

/** A port group's name, the key of a distributed one, or an NSX network's id. */
function networkOf(backing: VimNode): VimNode | undefined {
  return [
    backing.get('deviceName'),
    backing.get('port', 'portgroupKey'),
    backing.get('opaqueNetworkId'),
  ].find((node) => node.text() !== undefined);
}

/** GuestNicInfo names the device by its key; by the MAC where it gives no key. */
class Reports {
  readonly #byKey = new Map<string, VimNode>();
  readonly #byMac = new Map<string, VimNode>();

  constructor(guest: VimNode) {
    for (const report of guest.list('net')) {
      const key = report.get('deviceConfigId').text();
      const mac = macOf(report.get('macAddress').text());
      if (key !== undefined) this.#byKey.set(key, report);
      if (mac !== undefined) this.#byMac.set(mac, report);
    }
  }

  of(device: VimNode, mac: string | undefined): VimNode | undefined {
    return this.#byKey.get(device.get('key').text() ?? '') ?? this.#byMac.get(mac ?? '');
  }
}

/** `ipConfig` has the prefix, the plain list has not. */
function addressesOf(report: VimNode): string[] {
  const configured = report
    .get('ipConfig')
    .list('ipAddress')
    .flatMap((entry) => {
      return addressWith(entry.get('ipAddress').text(), entry.get('prefixLength').whole()) ?? [];
    });
  if (configured.length > 0) return [...new Set(configured)];
  const plain = report.list('ipAddress').flatMap((node) => addressWith(node.text()) ?? []);
  return [...new Set(plain)];
}
