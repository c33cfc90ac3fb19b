/** An OVF 1.1 descriptor, as vCenter exports one. */

interface Size {
  cpus: number;
  memoryMib: number;
}

interface Options {
  capacityMib: number;
  /** By id; the first one's numbers are not the default's. */
  configurations?: Readonly<Record<string, Size>>;
  /** Further systems, which make it a collection. */
  more?: string;
}

const NAMESPACES = [
  'xmlns="http://schemas.dmtf.org/ovf/envelope/1"',
  'xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"',
  'xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"',
  'xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"',
  'xmlns:vmw="http://www.vmware.com/schema/ovf"',
].join(' ');

export function ovf({ capacityMib, configurations = {}, more }: Options): string {
  const ids = Object.keys(configurations);
  const deployment = ids.map((id) => `<Configuration ovf:id="${id}"><Label>${id}</Label></Configuration>`);
  const sizes = Object.entries(configurations).map(([id, size]) => sizeItems(size, id));
  const hardware = ids.length > 0 ? sizes.join('') : sizeItems({ cpus: 2, memoryMib: 2048 });
  const web01 = system('web01', hardware + DEVICES, FIRMWARE);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope ${NAMESPACES}>
  <References><File ovf:href="web01-disk1.vmdk" ovf:id="file1"/></References>
  <DiskSection><Info>Disks</Info>
    <Disk ovf:capacity="${capacityMib}" ovf:capacityAllocationUnits="byte * 2^20" ovf:diskId="vmdisk1" ovf:fileRef="file1"
      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="VM Network"/></NetworkSection>
  ${ids.length > 0 ? `<DeploymentOptionSection><Info>Sizes</Info>${deployment.join('')}</DeploymentOptionSection>` : ''}
  ${more === undefined ? web01 : `<VirtualSystemCollection ovf:id="app"><Info>An application</Info>${web01}${more}</VirtualSystemCollection>`}
</Envelope>
`;
}

/** A system without disks and without a NIC. */
export function openSystem(name: string, cpus: number, memoryMib: number): string {
  return system(name, sizeItems({ cpus, memoryMib }), '');
}

function system(name: string, hardware: string, more: string): string {
  return `<VirtualSystem ovf:id="${name}"><Info>A virtual machine</Info><Name>${name}</Name>
    <OperatingSystemSection ovf:id="96" vmw:osType="debian11_64Guest"><Info>The system</Info></OperatingSystemSection>
    <VirtualHardwareSection><Info>Hardware</Info>
      <System><vssd:ElementName>Hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
      ${hardware}${more}
    </VirtualHardwareSection></VirtualSystem>`;
}

function sizeItems({ cpus, memoryMib }: Size, configuration?: string): string {
  const attribute = configuration === undefined ? '' : ` ovf:configuration="${configuration}"`;
  return `<Item${attribute}><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
      <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits><rasd:VirtualQuantity>${cpus}</rasd:VirtualQuantity></Item>
    <Item${attribute}><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
      <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:VirtualQuantity>${memoryMib}</rasd:VirtualQuantity></Item>`;
}

const DEVICES = `<Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>6</rasd:ResourceType>
      <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:Address>0</rasd:Address></Item>
    <Item><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType><rasd:ElementName>Hard disk 1</rasd:ElementName>
      <rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource><rasd:Parent>3</rasd:Parent><rasd:AddressOnParent>0</rasd:AddressOnParent></Item>
    <Item><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceType>10</rasd:ResourceType><rasd:ElementName>Network adapter 1</rasd:ElementName>
      <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
      <rasd:Connection>VM Network</rasd:Connection></Item>`;

const FIRMWARE = '<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>';
