/** Phony Windows of every release: what their registries say, and what their disks are like. */
import type { RegistryContent } from './reg-file.ts';

export interface Edition {
  id: string;
  productName: string;
  build: number;
  currentVersion: string;
  server: boolean;
  firmware: 'uefi' | 'bios';
  /** Whether drivers are looked up in a DriverDatabase. */
  driverDatabase: boolean;
  controlSets: number;
  /** Of the folders: Windows does not care. */
  upperCase?: true;
}

export const editions: readonly Edition[] = [
  {
    id: 'win2008r2',
    productName: 'Windows Server 2008 R2 Standard',
    build: 7601,
    currentVersion: '6.1',
    server: true,
    firmware: 'bios',
    driverDatabase: false,
    controlSets: 2,
    upperCase: true,
  },
  {
    id: 'win7',
    productName: 'Windows 7 Professional',
    build: 7601,
    currentVersion: '6.1',
    server: false,
    firmware: 'bios',
    driverDatabase: false,
    controlSets: 2,
  },
  {
    id: 'win2012r2',
    productName: 'Windows Server 2012 R2 Standard',
    build: 9600,
    currentVersion: '6.3',
    server: true,
    firmware: 'bios',
    driverDatabase: true,
    controlSets: 2,
  },
  {
    id: 'win2016',
    productName: 'Windows Server 2016 Standard',
    build: 14393,
    currentVersion: '6.3',
    server: true,
    firmware: 'uefi',
    driverDatabase: true,
    controlSets: 1,
  },
  {
    id: 'win2019',
    productName: 'Windows Server 2019 Standard',
    build: 17763,
    currentVersion: '6.3',
    server: true,
    firmware: 'uefi',
    driverDatabase: true,
    controlSets: 1,
  },
  {
    id: 'win2022',
    productName: 'Windows Server 2022 Standard',
    build: 20348,
    currentVersion: '6.3',
    server: true,
    firmware: 'uefi',
    driverDatabase: true,
    controlSets: 1,
  },
  {
    id: 'win10',
    productName: 'Windows 10 Pro',
    build: 19045,
    currentVersion: '6.3',
    server: false,
    firmware: 'uefi',
    driverDatabase: true,
    controlSets: 1,
  },
  // It says so itself.
  {
    id: 'win11',
    productName: 'Windows 10 Pro',
    build: 26100,
    currentVersion: '6.3',
    server: false,
    firmware: 'uefi',
    driverDatabase: true,
    controlSets: 1,
  },
];

export function edition(id: string): Edition {
  const found = editions.find((candidate) => candidate.id === id);
  if (found) return found;
  throw new Error(`No phony Windows ${id}`);
}

/** Facts that tests rely on. */
export const phony = {
  mac: '00:50:56:9a:3c:22',
  address: '10.77.0.22',
  mask: '255.255.255.0',
  gateway: '10.77.0.1',
  dns: ['10.77.0.53', '10.77.0.54'],
} as const;

const INTERFACE = '{3F215CB0-2D43-4C99-825F-0142C4FAFAB5}';

/** Drivers that come with Windows: service -> start type after an installation on VMware's LSI SAS. */
function inboxDrivers({ build }: Edition): Record<string, number> {
  return {
    LSI_SAS: 0,
    atapi: 3,
    intelide: 3,
    pciide: 3,
    vmbus: 3,
    storvsc: 3,
    storflt: 3,
    netvsc: 3,
    pci: 0,
    ...(build >= 9200 ? { storahci: 3 } : { msahci: 3 }),
    ...(build >= 9600 && { stornvme: 3 }),
  };
}

export const driverFiles = (of: Edition): string[] =>
  Object.keys(inboxDrivers(of)).map((service) => `${service}.sys`);

export function systemContent(of: Edition): RegistryContent {
  const sets = Array.from({ length: of.controlSets }, (_, index) => `ControlSet00${index + 1}`);
  return Object.assign(
    { Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: of.controlSets } },
    { Setup: { SystemPartition: '\\Device\\HarddiskVolume1' } },
    ...sets.map((set) => controlSet(set, of)),
    ...(of.driverDatabase
      ? [
          {
            'DriverDatabase\\DeviceIds\\PCI\\CC_0106': { 'mshdc.inf': Buffer.from('01ff0000', 'hex') },
            'DriverDatabase\\DriverInfFiles': {},
            'DriverDatabase\\DriverPackages': {},
          },
        ]
      : []),
  ) as RegistryContent;
}

function controlSet(set: string, of: Edition): RegistryContent {
  const content: Record<string, RegistryContent[string]> = {};
  const add = (path: string, values: RegistryContent[string]) => {
    content[`${set}\\${path}`] = values;
  };
  for (const [service, start] of Object.entries(inboxDrivers(of)))
    add(`Services\\${service}`, {
      Type: 1,
      Start: start,
      ErrorControl: 1,
      ImagePath: { expand: `system32\\drivers\\${service}.sys` },
    });
  if (of.build >= 9600) add('Services\\stornvme\\StartOverride', { '0': 3 });
  add('Services\\VMTools', { Type: 0x10, Start: 2, ErrorControl: 1 });
  add('Services\\QEMU-GA', { Type: 0x10, Start: 2, ErrorControl: 1 });
  add('Services\\Dhcp', { Type: 0x20, Start: 4 });
  add('Services\\TermService', { Type: 0x20, Start: 3 });
  add('Services\\partmgr\\Parameters', { SanPolicy: 4 });
  add('Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules', {
    'RemoteDesktop-UserMode-In-TCP':
      'v2.10|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\\system32\\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28775|',
  });
  add(`Services\\Tcpip\\Parameters\\Interfaces\\${INTERFACE.toLowerCase()}`, {
    EnableDHCP: 0,
    IPAddress: [phony.address],
    SubnetMask: [phony.mask],
    DefaultGateway: [phony.gateway],
    NameServer: phony.dns.join(','),
  });
  if (of.build >= 9200) {
    add(`Control\\NetworkSetup2\\Interfaces\\${INTERFACE}\\Kernel`, {
      IfAlias: 'Ethernet0',
      PermanentAddress: Buffer.from(phony.mac.replaceAll(':', ''), 'hex'),
    });
  }
  add('Control\\Session Manager\\Environment', { PROCESSOR_ARCHITECTURE: 'AMD64' });
  add('Control\\CrashControl', { AutoReboot: 1 });
  add('Control\\TimeZoneInformation', { TimeZoneKeyName: 'UTC' });
  add('Control\\Terminal Server', { fDenyTSConnections: 1 });
  add('Control\\CriticalDeviceDatabase', {});
  add('Control\\ComputerName\\ComputerName', { ComputerName: of.id.toUpperCase() });
  add('Services\\Tcpip\\Parameters', { Hostname: of.id });
  return content;
}

export function softwareContent(of: Edition): RegistryContent {
  return {
    'Microsoft\\Windows NT\\CurrentVersion': {
      ProductName: of.productName,
      CurrentVersion: of.currentVersion,
      CurrentBuildNumber: String(of.build),
      InstallationType: of.server ? 'Server' : 'Client',
      ...(of.build >= 10240 && { CurrentMajorVersionNumber: 10, CurrentMinorVersionNumber: 0 }),
      SystemRoot: 'C:\\Windows',
    },
    'Microsoft\\Windows\\CurrentVersion': { DevicePath: { expand: '%SystemRoot%\\inf' } },
  };
}

export const BOOT_ENTRY = '{733b62e5-f608-11eb-825c-c112f60133ab}';

export function bootContent(): RegistryContent {
  const element = (object: string, number: string) => `Objects\\${object}\\Elements\\${number}`;
  const bootManager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
  return {
    Description: { KeyName: 'BCD00000000' },
    [`Objects\\${bootManager}\\Description`]: { Type: 0x10100002 },
    [element(bootManager, '23000003')]: { Element: BOOT_ENTRY },
    [`Objects\\${BOOT_ENTRY}\\Description`]: { Type: 0x10200003 },
    [element(BOOT_ENTRY, '12000004')]: { Element: 'Windows' },
    [element(BOOT_ENTRY, '16000046')]: { Element: Buffer.from([1]) },
    ['Objects\\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\\Description']: { Type: 0x20100000 },
  };
}
