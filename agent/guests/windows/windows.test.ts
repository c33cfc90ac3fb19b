import { expect, test } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { FixPlan } from '../fix.ts';
import type { Installation } from './facts.ts';
import { windows } from './index.ts';
import { sha256 } from '../sha256.ts';
import { asNumber, asText, binary, dword, expandable, text } from './registry/registry.ts';
import { driverOf, editsOf, guestOf, RegistryTree, wantsOf } from './windows.fixture.ts';

const DEFAULT_ENTRY = '{733b62e5-f608-11eb-825c-c112f60133ab}';
const BOOT_MANAGER = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';

function system(): RegistryTree {
  const set = 'ControlSet001';
  return new RegistryTree({
    'DriverDatabase\\DeviceIds': {},
    [`${set}\\Control\\CrashControl`]: { AutoReboot: dword(1) },
    [`${set}\\Services\\VMTools`]: { Start: dword(2) },
    [`${set}\\Services\\vmmouse`]: { Start: dword(3) },
    [`${set}\\Services\\QEMU-GA`]: { Start: dword(2) },
    [`${set}\\Services\\TermService`]: { Start: dword(4) },
    [`${set}\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules`]: {
      'RemoteDesktop-UserMode-In-TCP': text('v2.10|Action=Allow|Active=FALSE|Dir=In|'),
    },
  });
}

const supplied = [
  driverOf('viostor', ['VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00']),
  driverOf('netkvm', ['VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00']),
  driverOf('balloon', ['VEN_1AF4&DEV_1002&SUBSYS_00051AF4&REV_00']),
  driverOf('vmxnet3', ['VEN_15AD&DEV_07B0']),
];

function bootData(): RegistryTree {
  return new RegistryTree({
    [`Objects\\${BOOT_MANAGER}\\Elements\\23000003`]: { Element: text(DEFAULT_ENTRY) },
    [`Objects\\${DEFAULT_ENTRY}\\Elements\\16000046`]: { Element: dword(1) },
  });
}

/** The guest after a plan was carried out. */
function after(guest: Installation, { fixes }: FixPlan): Installation {
  const present = new Map(guest.present);
  for (const { changes } of fixes) {
    for (const change of changes) {
      if (change.kind === 'upload') present.set(change.path.toLowerCase(), sha256(change.content));
      if (change.kind === 'remove') present.delete(change.path.toLowerCase());
      if (change.kind !== 'registry') continue;
      const hives = [
        [guest.mounted.systemHive, guest.system],
        [guest.mounted.softwareHive, guest.software],
        ...guest.bootData.map(({ path, registry }) => [path, registry] as const),
      ] as const;
      const hive = hives.find(([path]) => path === change.path)?.[1] as RegistryTree;
      change.edits.forEach((edit) => hive.apply(edit));
    }
  }
  const driverFiles = new Set(
    [...present.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1).toUpperCase()),
  );
  const copied = fixes.some(({ name }) => name === 'windows.uefi-fallback');
  return { ...guest, present, driverFiles, hasFallbackLoader: guest.hasFallbackLoader || copied };
}

function uefiGuest(): Installation {
  const guest = guestOf({ system: system(), supplied });
  const esp = {
    bootManager: '/esp/bootmgfw.efi',
    fallback: '/esp/EFI/Boot/bootx64.efi',
    bootData: '/esp/BCD',
  };
  return {
    ...guest,
    mounted: { ...guest.mounted, esp, biosBootData: undefined },
    bootData: [{ path: '/esp/BCD', firmware: 'uefi', registry: bootData() }],
  };
}

const plan = (installation: Installation, wants: ReturnType<typeof wantsOf>) =>
  windows.plan({ volumes: [], installation }, wants);

const forKvm = wantsOf({ firmware: Firmware.UEFI, serialConsole: 'ttyS0', guestAgent: 'qemu-guest-agent' });

test('plans everything once: carried out, nothing is left to do', () => {
  const guest = uefiGuest();
  const first = plan(guest, forKvm);
  expect(first.fixes.map(({ name }) => name)).toEqual([
    'windows.boot-driver',
    'windows.staged-drivers',
    'windows.device-path',
    'windows.foreign-agents',
    'windows.disks-online',
    'windows.stop-screen',
    'windows.serial-console',
    'windows.graphics-mode',
    'windows.uefi-fallback',
    'windows.first-boot-steps',
    'windows.first-boot-service',
  ]);
  expect(first.findings).toEqual([]);
  expect(plan(after(guest, first), forKvm)).toEqual({ fixes: [], findings: [] });
});

test("disables other hypervisors' agents, not the target's, and no filter of a device", () => {
  const guest = uefiGuest();
  const keys = editsOf(plan(guest, forKvm).fixes.filter(({ name }) => name === 'windows.foreign-agents'));
  expect(keys).toMatchObject([{ key: 'ControlSet001\\Services\\VMTools', name: 'Start', value: dword(4) }]);
});

test('stages the drivers of the target alone, and tells those it needs from the others', () => {
  const [staged, steps] = ['windows.staged-drivers', 'windows.first-boot-steps'].map((name) =>
    plan(uefiGuest(), forKvm)
      .fixes.find((fix) => fix.name === name)
      ?.changes.map((change) => ('path' in change ? change.path : '')),
  );
  expect(staged?.some((path) => path.includes('vmxnet3'))).toBe(false);
  expect(steps).toContain('/c/Windows/Ascend/steps/40-optional-drivers.cmd');
  const required = plan(uefiGuest(), forKvm).fixes.flatMap(({ changes }) =>
    changes.flatMap((change) =>
      change.kind === 'upload' && change.path.endsWith('10-required-drivers.cmd')
        ? [change.content.toString()]
        : [],
    ),
  );
  expect(required[0]).toContain('viostor.inf');
  expect(required[0]).toContain('netkvm.inf');
  expect(required[0]).not.toContain('balloon.inf');
});

test('sets what a cloud needs for its guests, and only there', () => {
  const guest = uefiGuest();
  const wants = wantsOf({ ...forKvm, cloud: 'ec2' });
  const done = after(guest, plan(guest, wants)).system;
  expect(asNumber(done.value('ControlSet001\\Control\\Terminal Server', 'fDenyTSConnections'))).toBe(0);
  expect(asNumber(done.value('ControlSet001\\Services\\TermService', 'Start'))).toBe(3);
  const rules = 'ControlSet001\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules';
  expect(asText(done.value(rules, 'RemoteDesktop-UserMode-In-TCP'))).toContain('|Active=TRUE|');
  const elsewhere = plan(uefiGuest(), forKvm).fixes.map(({ name }) => name);
  expect(elsewhere).not.toContain('windows.remote-desktop');
});

test('keeps folders that DevicePath names already', () => {
  const software = new RegistryTree();
  const guest = { ...uefiGuest(), software };
  const key = 'Microsoft\\Windows\\CurrentVersion';
  software.apply({
    edit: 'set',
    key,
    name: 'DevicePath',
    value: expandable('%SystemRoot%\\inf;C:\\Drivers'),
  });
  const done = after(guest, plan(guest, forKvm)).software;
  expect(asText(done.value(key, 'DevicePath'))).toBe(
    '%SystemRoot%\\inf;C:\\Drivers;%SystemRoot%\\Drivers\\Ascend',
  );
});

test('takes the steps of an earlier restore away', () => {
  const present = new Map([
    ['/c/windows/ascend/starts.txt', ''],
    ['/c/windows/ascend/steps/10-required-drivers.done', ''],
  ]);
  const { fixes } = plan({ ...uefiGuest(), present }, forKvm);
  const removed = fixes.flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'remove'));
  expect(removed.map((change) => 'path' in change && change.path)).toEqual([
    '/c/Windows/Ascend/starts.txt',
    '/c/Windows/Ascend/steps/10-required-drivers.done',
  ]);
});

test.each([
  ['guest.windows-hibernated', { mounted: { state: 'hibernated' } }],
  ['guest.windows-not-writable', { mounted: { state: 'read-only' } }],
  ['guest.windows-volume-check', { mounted: { markedForCheck: true } }],
  ['guest.windows-no-space', { freeBytes: 1_000_000n }],
  ['guest.windows-unclean', { mounted: { state: 'unclean' } }],
  ['guest.windows-registry-unclean', { hives: 'incomplete' }],
  ['guest.windows-registry-recovered', { hives: 'recovered' }],
  [
    'guest.windows-unknown-version',
    { version: { name: 'Windows Vista', build: 6002, server: false, arch: 'x86' } },
  ],
  ['guest.windows-no-control-set', { currentControlSet: undefined }],
] as const)('says %s', (code, changes) => {
  const guest = uefiGuest();
  const mounted = { ...guest.mounted, ...('mounted' in changes && changes.mounted) };
  const { findings } = plan({ ...guest, ...changes, mounted }, forKvm);
  expect(findings.map((finding) => finding.code)).toContain(code);
});

test('refuses the other firmware, and generation 2 for what is older than it', () => {
  const guest = uefiGuest();
  const codes = (installation: Installation, wants: ReturnType<typeof wantsOf>) =>
    plan(installation, wants).findings.map(({ code }) => code);
  expect(codes(guest, wantsOf({ firmware: Firmware.BIOS }))).toContain('guest.windows-firmware');
  const old = { ...guest, version: { ...guest.version, build: 7601 } };
  expect(codes(old, { ...forKvm, storage: 'storvsc' })).toContain('guest.windows-generation');
});

test.each([
  ['bitlocker', 'guest.windows-bitlocker'],
  ['ldm', 'guest.windows-dynamic-disk'],
] as const)('says what Windows is locked behind: %s', (kind, code) => {
  const volumes = [{ device: '/dev/sda2', disk: 0, kind }];
  expect(windows.plan({ volumes, installation: undefined }, forKvm).findings).toMatchObject([{ code }]);
});

test('proves the drivers of disk and network by what the registry says, before and after', () => {
  const guest = uefiGuest();
  const proofs = (installation: Installation) => windows.prove?.({ volumes: [], installation }, forKvm);
  expect(proofs(guest)).toMatchObject([
    { holds: false, proof: 'viostor is not installed, not bound to VEN_1AF4&DEV_1001&REV_00.' },
    { holds: false, about: 'network' },
  ]);
  expect(proofs(after(guest, plan(guest, forKvm)))).toEqual([
    {
      about: 'storage',
      subject: 'Windows Server 2022, ControlSet001',
      holds: true,
      proof: 'viostor: Start=0, viostor.sys is there, bound to VEN_1AF4&DEV_1001&REV_00.',
    },
    {
      about: 'network',
      subject: 'Windows Server 2022',
      holds: true,
      proof:
        'netkvm.inf and its files lie in %SystemRoot%\\Drivers\\Ascend, where Windows looks for drivers of new devices.',
    },
  ]);
});

test('proves a network card by what Windows has for it, and says nothing of what it cannot read', () => {
  const proof = (
    network: 'netvsc' | 'e1000e' | 'ena',
    content: ConstructorParameters<typeof RegistryTree>[0],
  ) => {
    const installation = guestOf({
      system: new RegistryTree({ 'ControlSet001\\Control': {}, ...content }),
      driverFiles: new Set(['NETVSC63.SYS']),
    });
    const wants = wantsOf({ network, storage: 'ide' });
    return windows.prove?.({ volumes: [], installation }, wants).find(({ about }) => about === 'network');
  };
  const service = 'ControlSet001\\Services\\netvsc';
  const inDrivers = expandable('System32\\drivers\\netvsc63.sys');
  expect(proof('netvsc', { [service]: { Start: dword(3), ImagePath: inDrivers } })).toMatchObject({
    holds: true,
    proof: 'netvsc: Start=3, netvsc63.sys is there.',
  });
  expect(proof('netvsc', { [service]: { Start: dword(4), ImagePath: inDrivers } })?.holds).toBe(false);
  expect(
    proof('e1000e', {
      'DriverDatabase\\DeviceIds\\PCI\\VEN_8086&DEV_10D3&CC_0200': {
        'net1ix64.inf': binary(Buffer.from('01ff0000', 'hex')),
      },
      'DriverDatabase\\DriverInfFiles\\net1ix64.inf': {},
    }),
  ).toMatchObject({ holds: true, proof: expect.stringContaining('net1ix64.inf') as string });
  expect(proof('e1000e', {})).toBeUndefined();
  expect(proof('ena', {})).toMatchObject({ holds: false });
});

test('lets 32-bit Windows find its hardware abstraction layer, and 64-bit Windows alone', () => {
  const names = (arch: 'x86' | 'amd64') => {
    const guest = uefiGuest();
    const version = { ...guest.version, arch };
    return plan({ ...guest, version }, forKvm).fixes.map(({ name }) => name);
  };
  expect(names('x86')).toContain('windows.detect-hal');
  expect(names('amd64')).not.toContain('windows.detect-hal');
});

test('describes what was found', () => {
  const guest = uefiGuest();
  const described = (installation: Installation) =>
    Object.fromEntries(
      windows.describe?.({ volumes: [], installation })?.facts.map(({ name, values }) => [name, values]) ??
        [],
    );
  expect(described(guest)).toMatchObject({
    release: ['build 20348', 'amd64'],
    firmware: ['UEFI'],
    controlSets: ['ControlSet001 (current)'],
    agents: ['vmware-tools', 'qemu-guest-agent'],
    diskDrivers: [],
  });
  expect(described(after(guest, plan(guest, forKvm)))).toMatchObject({
    agents: ['qemu-guest-agent'],
    diskDrivers: ['viostor'],
  });
  expect(windows.describe?.({ volumes: [], installation: undefined })).toBeUndefined();
});

test('says at which addresses a rehearsal finds it', () => {
  const tcpip = 'ControlSet001\\Services\\Tcpip\\Parameters\\Interfaces\\{1}';
  const registry = new RegistryTree({
    [tcpip]: { EnableDHCP: dword(0), IPAddress: text('10.0.0.5'), SubnetMask: text('255.0.0.0') },
  });
  const nic = { mac: '00:50:56:00:00:01', guestNames: [], addressing: 'keep' as const };
  const facts = { volumes: [], installation: guestOf({ system: registry }) };
  expect(windows.addresses?.(facts, wantsOf({ nics: [nic] }))).toEqual(['10.0.0.5']);
});
