/** NICs of a libvirt domain. Source: libvirt's domain format, "Network interfaces". */
import type { Nic } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import { vlanTrunk } from '../../vlan-trunk.ts';
import { vlanOfBridge } from '../bridge.ts';
import type { Facts } from '../../facts.ts';
import { Ids } from '../ids.ts';
import { macFindings, macOf } from '../../mac.ts';
import { numberOf, vlanOf, wholeOf } from '../../quantities.ts';
import { isCloudStacks } from './origin.ts';

export function nicsOf(domain: XmlElement, facts: Facts): Nic[] {
  const ids = new Ids();
  const cloudStacks = isCloudStacks(domain);
  const interfaces = domain.child('devices')?.childrenNamed('interface') ?? [];
  return interfaces.map((element, index) => {
    // libvirt's own alias, so that the names match its logs.
    const id = ids.take(element.child('alias')?.attribute('name'), /^[a-z0-9-]{1,64}$/, 'net', index);
    const note = <T>(fact: string, value: T, child: string) =>
      facts.note(`nics.${id}.${fact}`, value, `${element.where}/${child}`);
    const mac = element.child('mac')?.attribute('address');
    facts.findings.push(...macFindings(id, mac, facts.file));
    return {
      id,
      mac: note('mac', macOf(mac), 'mac'),
      model: note('model', element.child('model')?.attribute('type'), 'model'),
      network: note('network', networkOf(element), 'source'),
      vlan: vlanOfNic(element, id, cloudStacks, facts),
      // Absent is up (libvirt's domain format, "Modifying virtual link state").
      connected: note('connected', element.child('link')?.attribute('state') !== 'down', 'link'),
      addresses: [],
      guestNames: guestNames(element, index, domain),
    };
  });
}

function networkOf(element: XmlElement): string | undefined {
  const source = element.child('source');
  return ['network', 'bridge', 'dev'].map((key) => source?.attribute(key)).find(Boolean);
}

function vlanOfNic(element: XmlElement, id: string, cloudStacks: boolean, facts: Facts): number | undefined {
  const tags = element.child('vlan')?.childrenNamed('tag') ?? [];
  const own =
    tags.find((tag) => tag.attribute('nativeMode') !== undefined) ??
    (tags.length === 1 ? tags[0] : undefined);
  if (own) return facts.note(`nics.${id}.vlan`, vlanOf(wholeOf(own.attribute('id'))), own.where);
  if (tags.length > 1) {
    const ids = tags.slice(0, 20).map((tag) => tag.attribute('id'));
    facts.findings.push(vlanTrunk(id, `${id} carries ${tags.length} VLANs (${ids.join(', ')})`));
    return undefined;
  }
  const bridge = cloudStacks ? element.child('source')?.attribute('bridge') : undefined;
  return facts.note(`nics.${id}.vlan`, vlanOfBridge(bridge), `${element.where}/source/@bridge`);
}

/**
 * udev names a NIC by its PCI place (systemd.net-naming-scheme): the hotplug slot on the one bus of an i440FX, bus and
 * slot on PCI Express. ethN is the kernel's own name.
 */
function guestNames(element: XmlElement, index: number, domain: XmlElement): string[] {
  const address = element.child('address');
  const bus = hexOf(address?.attribute('bus'));
  const slot = hexOf(address?.attribute('slot'));
  const machine = domain.child('os', 'type')?.attribute('machine') ?? '';
  if (address?.attribute('type') !== 'pci' || bus === undefined || slot === undefined) return [];
  const express = /q35|^virt/.test(machine);
  if (!express && bus !== 0) return [`eth${index}`];
  return [express ? `enp${bus}s${slot}` : `ens${slot}`, `eth${index}`];
}

function hexOf(text: string | undefined): number | undefined {
  const digits = /^0x([0-9a-f]{1,4})$/i.exec(text ?? '')?.[1];
  return digits === undefined ? numberOf(wholeOf(text)) : parseInt(digits, 16);
}
