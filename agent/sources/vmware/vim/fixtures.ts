/** A VM of the vSphere API for tests, written by hand, as each kind of writer has it. */

type Value = string | number | boolean | { [name: string]: Value } | Value[];

const DEVICES: Value[] = [
  { _typeName: 'ParaVirtualSCSIController', key: 1001, busNumber: 1 },
  { _typeName: 'VirtualAHCIController', key: 15000, busNumber: 0 },
  { _typeName: 'VirtualTPM', key: 11000 },
  { _typeName: 'VirtualCdrom', key: 16000, controllerKey: 15000, unitNumber: 0 },
  {
    _typeName: 'VirtualDisk',
    key: 2000,
    controllerKey: 1001,
    unitNumber: 0,
    capacityInKB: 1048576,
    backing: { _typeName: 'VirtualDiskFlatVer2BackingInfo', fileName: '[ds1] web01/web01.vmdk' },
  },
  {
    _typeName: 'VirtualDisk',
    key: 2001,
    controllerKey: 15000,
    unitNumber: 1,
    capacityInKB: 1,
    capacityInBytes: 2147483648,
    deviceInfo: { _typeName: 'Description', label: 'Hard disk 2' },
    backing: {
      _typeName: 'VirtualDiskFlatVer2BackingInfo',
      fileName: '[ds1] web01/web01_1-000002.vmdk',
      parent: { _typeName: 'VirtualDiskFlatVer2BackingInfo', fileName: '[ds1] web01/web01_1.vmdk' },
    },
  },
  {
    _typeName: 'VirtualVmxnet3',
    key: 4000,
    macAddress: '00:50:56:AA:BB:CC',
    slotInfo: { _typeName: 'VirtualDevicePciBusSlotInfo', pciSlotNumber: 192 },
    connectable: { _typeName: 'VirtualDeviceConnectInfo', startConnected: true },
    backing: { _typeName: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'LAN' },
  },
];

const BOOT_ORDER: Value[] = [
  { _typeName: 'VirtualMachineBootOptionsBootableEthernetDevice', deviceKey: 4000 },
  { _typeName: 'VirtualMachineBootOptionsBootableDiskDevice', deviceKey: 2001 },
];

/** Types as govmomi and VI JSON write them. */
export const CONFIG = {
  _typeName: 'VirtualMachineConfigInfo',
  name: 'web%2f01',
  uuid: '564d4b9e-d217-639b-980e-925d772aa383',
  template: false,
  guestId: 'debian12_64Guest',
  guestFullName: 'Debian GNU/Linux 12 (64-bit)',
  annotation: 'a note',
  firmware: 'efi',
  bootOptions: {
    _typeName: 'VirtualMachineBootOptions',
    efiSecureBootEnabled: true,
    bootOrder: BOOT_ORDER,
  },
  hardware: {
    _typeName: 'VirtualHardware',
    numCPU: 4,
    numCoresPerSocket: 2,
    memoryMB: 2048,
    device: DEVICES,
  },
} satisfies Value;

export const GUEST = {
  _typeName: 'GuestInfo',
  net: [
    {
      _typeName: 'GuestNicInfo',
      deviceConfigId: 4000,
      ipAddress: ['10.0.0.5', 'fe80::1'],
      ipConfig: {
        _typeName: 'NetIpConfigInfo',
        ipAddress: [
          { _typeName: 'NetIpConfigInfoIpAddress', ipAddress: '10.0.0.5', prefixLength: 24 },
          { _typeName: 'NetIpConfigInfoIpAddress', ipAddress: 'not an address', prefixLength: 24 },
        ],
      },
    },
  ],
} satisfies Value;

export const VM = { _typeName: 'VirtualMachine', config: CONFIG, guest: GUEST };

/** The same value with other names for its members, from the inside out. */
export function renamed(value: Value, rename: (name: string) => string): Value {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]),
  );
}

/** The same with the types last. */
export function typesLast(value: Value): Value {
  if (Array.isArray(value)) return value.map(typesLast);
  if (typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, item]) => [name, typesLast(item)] as const);
  return Object.fromEntries(
    [...members].sort(([a], [b]) => Number(a === '_typeName') - Number(b === '_typeName')),
  );
}

/** As pyVmomi: `_vimtype: "vim.vm.device.VirtualDisk"`, and nulls. */
export function asPyVmomi(value: Value): Value {
  const text = JSON.stringify(renamed(value, (name) => (name === '_typeName' ? '_vimtype' : name)));
  return JSON.parse(
    text.replaceAll('"_vimtype":"', '"dynamicType":null,"_vimtype":"vim.vm.device.'),
  ) as Value;
}

/** As the SOAP service: types as xsi:type, lists as repeated elements. */
export function asXml(value: Value, name: string): string {
  if (Array.isArray(value)) return value.map((item) => asXml(item, name)).join('');
  if (typeof value !== 'object') return `<${name}>${value}</${name}>`;
  const { _typeName: type, ...members } = value;
  const inside = Object.entries(members).map(([member, item]) => asXml(item, member));
  return `<${name}${typeof type === 'string' ? ` xsi:type="${type}"` : ''}>${inside.join('')}</${name}>`;
}

/** An answer of the property collector. */
export const soapAnswer = (...properties: [name: string, value: Value][]) =>
  `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<RetrievePropertiesResponse xmlns="urn:vim25"><returnval><obj type="VirtualMachine">vm-1</obj>${properties
    .map(([name, value]) => `<propSet><name>${name}</name>${asXml(value, 'val')}</propSet>`)
    .join('')}</returnval></RetrievePropertiesResponse></soapenv:Body></soapenv:Envelope>`;
