import { expect, test } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { FixPlan } from '../fix.ts';
import type { Installation } from './facts.ts';
import { windows } from './index.ts';
import { sha256 } from './drivers/storage.ts';
import { asNumber, asText, dword, expandable, text } from './registry/registry.ts';
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

test('proves the disk driver by what the registry says, before and after', () => {
  const guest = uefiGuest();
  const proofs = (installation: Installation) => windows.prove?.({ volumes: [], installation }, forKvm);
  expect(proofs(guest)).toMatchObject([{ holds: false, proof: 'viostor is not installed.' }]);
  expect(proofs(after(guest, plan(guest, forKvm)))).toEqual([
    {
      about: 'storage',
      subject: 'Windows Server 2022, ControlSet001',
      holds: true,
      proof: 'viostor: Start=0, viostor.sys is there.',
    },
  ]);
});
