/** OVF descriptors for tests, written by hand. */

const NAMESPACES =
  'xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" ' +
  'xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" ' +
  'xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" ' +
  'xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vbox="http://www.virtualbox.org/ovf/machine"';

/** An item with these CIM properties; `attributes` as written, e.g. `ovf:configuration="small"`. */
export function item(properties: Record<string, string | number>, attributes = '', inside = ''): string {
  const elements = Object.entries(properties).map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`);
  return `<Item ${attributes}>${elements.join('')}${inside}</Item>`;
}

export const cpus = (count: number, attributes = '') =>
  item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: count }, attributes);

export const memory = (mebibytes: number, attributes = '') =>
  item(
    { InstanceID: 2, ResourceType: 4, AllocationUnits: 'byte * 2^20', VirtualQuantity: mebibytes },
    attributes,
  );

export const scsi = item({ InstanceID: 3, ResourceType: 6, ResourceSubType: 'VirtualSCSI', Address: 0 });

export const diskItem = (unit: number, resource: string) =>
  item({
    InstanceID: 10 + unit,
    ResourceType: 17,
    ElementName: `Hard disk ${unit + 1}`,
    HostResource: resource,
    Parent: 3,
    AddressOnParent: unit,
  });

export const config = (key: string, value: string) =>
  `<vmw:Config ovf:required="false" vmw:key="${key}" vmw:value="${value}"/>`;

export const REFERENCES = '<References><File ovf:id="file1" ovf:href="web01-disk1.vmdk"/></References>';
export const DISKS =
  '<DiskSection><Info/><Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="16" ovf:capacityAllocationUnits="byte * 2^30"/></DiskSection>';

export const system = (hardware: string, more = '', name = 'web01') => `<VirtualSystem ovf:id="vm-${name}">
  <Info>A virtual machine</Info><Name>${name}</Name>${more}
  <VirtualHardwareSection><Info/><System><vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>${hardware}</VirtualHardwareSection>
</VirtualSystem>`;

export const envelope = (...parts: string[]) =>
  `<?xml version="1.0"?>\n<Envelope ${NAMESPACES}>${parts.join('\n')}</Envelope>`;

/** web01 with one disk of 16 GiB; `more` items are added to its hardware. */
export const web01 = (...more: string[]) =>
  envelope(
    REFERENCES,
    DISKS,
    system([cpus(2), memory(2048), scsi, diskItem(0, 'ovf:/disk/vmdisk1'), ...more].join('')),
  );
