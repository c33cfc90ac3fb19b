import { expect, test } from 'vitest';
import { asNumber, asText, dword, expandable, text } from '../registry/registry.ts';
import { driverOf, editsOf, guestOf, RegistryTree, wantsOf } from '../windows.fixture.ts';
import { sha256 } from '../../sha256.ts';
import { planStorage } from './storage.ts';

const service = (start: number) => ({ Start: dword(start), Type: dword(1) });
const DATABASE = { 'DriverDatabase\\DeviceIds': {} };

test.each([
  ['nvme', ['stornvme']],
  ['storvsc', ['storvsc', 'vmbus', 'storflt', 'intelide', 'atapi']],
  ['lsi-sas', ['LSI_SAS']],
  ['ahci', ['storahci']],
  ['ide', ['intelide', 'atapi']],
] as const)(
  'starts what Windows has for %s at boot in every control set, and puts it off no more',
  (storage, services) => {
    const keys = ['ControlSet001', 'ControlSet002'].flatMap((set) =>
      services.flatMap((name) => [
        [`${set}\\Services\\${name}`, service(3)],
        [`${set}\\Services\\${name}\\StartOverride`, { '0': dword(3) }],
      ]),
    );
    const system = new RegistryTree({ ...DATABASE, ...(Object.fromEntries(keys) as object) });
    const driverFiles = new Set(services.map((name) => `${name.toUpperCase()}.SYS`));
    const guest = guestOf({ system, driverFiles });
    const { fixes, findings } = planStorage(guest, wantsOf({ storage }));
    expect(findings).toEqual([]);
    editsOf(fixes).forEach((edit) => system.apply(edit));
    for (const set of ['ControlSet001', 'ControlSet002']) {
      for (const name of services) {
        expect(asNumber(system.value(`${set}\\Services\\${name}`, 'Start'))).toBe(0);
        expect(system.hasKey(`${set}\\Services\\${name}\\StartOverride`)).toBe(false);
      }
    }
    expect(planStorage(guest, wantsOf({ storage })).fixes).toEqual([]);
  },
);

test.each([
  ['virtio-blk', 'virtio-win.iso'],
  ['pvscsi', '--option controller=lsi-sas'],
  ['nvme', 'since 8.1'],
] as const)(
  'refuses %s where there is no driver for it, and says where one is to be had',
  (storage, remedy) => {
    const guest = guestOf({ system: new RegistryTree({ 'ControlSet001\\Services\\stornvme': service(3) }) });
    const { fixes, findings } = planStorage(guest, wantsOf({ storage }));
    expect(fixes).toEqual([]);
    expect(findings).toMatchObject([{ code: 'guest.windows-no-boot-driver' }]);
    expect(findings[0]?.remedy).toContain(remedy);
  },
);

test('installs a supplied driver where Windows looks for it since version 8', () => {
  const system = new RegistryTree({ ...DATABASE, 'ControlSet001\\Control': {} });
  const guest = guestOf({ system, supplied: [driverOf('viostor')] });
  const { fixes } = planStorage(guest, wantsOf({}));
  expect(fixes).toMatchObject([
    {
      name: 'windows.boot-driver',
      changes: [{ kind: 'upload', path: '/c/Windows/System32/drivers/viostor.sys' }, {}],
    },
  ]);
  editsOf(fixes).forEach((edit) => system.apply(edit));
  const label = 'viostor.inf_amd64_0000000000000000';
  expect(asText(system.value('ControlSet001\\Services\\viostor', 'ImagePath'))).toBe(
    'system32\\drivers\\viostor.sys',
  );
  expect(asText(system.value('DriverDatabase\\DriverInfFiles\\viostor.inf', 'Active'))).toBe(label);
  const device = 'PCI\\VEN_1AF4&DEV_1042&REV_01';
  expect(system.value(`DriverDatabase\\DeviceIds\\${device}`, 'viostor.inf')?.data.toString('hex')).toBe(
    '01ff0000',
  );
  expect(
    asText(system.value(`DriverDatabase\\DriverPackages\\${label}\\Descriptors\\${device}`, 'Configuration')),
  ).toBe('viostor_conf');
  expect(system.value(`DriverDatabase\\DriverPackages\\${label}`, 'Version')?.data.toString('hex')).toBe(
    `00ff0900000000007be9364d25e3ce11bfc108002be10318${'00'.repeat(24)}`,
  );
  const present = new Map([['/c/windows/system32/drivers/viostor.sys', sha256(Buffer.from('viostor sys'))]]);
  const after = guestOf({ system, supplied: guest.supplied, present, driverFiles: new Set(['VIOSTOR.SYS']) });
  expect(planStorage(after, wantsOf({})).fixes).toEqual([]);
});

test('installs it where Windows 7 looks, in every control set', () => {
  const system = new RegistryTree({ 'ControlSet001\\Control': {}, 'ControlSet002\\Control': {} });
  const { fixes } = planStorage(
    guestOf({ system, supplied: [driverOf('vioscsi')] }),
    wantsOf({ storage: 'virtio-scsi' }),
  );
  editsOf(fixes).forEach((edit) => system.apply(edit));
  for (const set of ['ControlSet001', 'ControlSet002']) {
    const key = `${set}\\Control\\CriticalDeviceDatabase\\PCI#VEN_1AF4&DEV_1004&REV_00`;
    expect(asText(system.value(key, 'Service'))).toBe('vioscsi');
    expect(asText(system.value(key, 'ClassGUID'))).toBe('{4D36E97B-E325-11CE-BFC1-08002BE10318}');
  }
  expect(system.hasKey('DriverDatabase')).toBe(false);
});

test('leaves a driver that the guest has installed itself, and starts it at boot', () => {
  const system = new RegistryTree({
    ...DATABASE,
    'DriverDatabase\\DeviceIds\\PCI\\VEN_15AD&DEV_07C0': { 'oem3.inf': text('') },
    'ControlSet001\\Services\\pvscsi': {
      Start: dword(3),
      ImagePath: expandable('System32\\drivers\\pvscsi.sys'),
    },
  });
  const guest = guestOf({ system, supplied: [driverOf('pvscsi')], driverFiles: new Set(['PVSCSI.SYS']) });
  const { fixes, findings } = planStorage(guest, wantsOf({ storage: 'pvscsi' }));
  expect(findings).toEqual([]);
  expect(editsOf(fixes)).toMatchObject([{ key: 'ControlSet001\\Services\\pvscsi', name: 'Start' }]);
});

const OLD = { name: 'Windows Server 2008 R2', build: 7601, server: true, arch: 'amd64' as const };

test("installs AWS' NVMe driver where Windows has none, for the devices of its INF file, and in EC2 alone", () => {
  const supplied = [driverOf('awsnvme', ['VEN_1D0F&DEV_8061', 'VEN_1D0F&DEV_0065'])];
  const guest = () =>
    guestOf({ system: new RegistryTree({ 'ControlSet001\\Control': {} }), supplied, version: OLD });
  const { fixes } = planStorage(guest(), wantsOf({ storage: 'nvme', cloud: 'ec2' }));
  expect(editsOf(fixes).map(({ key }) => key)).toContain(
    'ControlSet001\\Control\\CriticalDeviceDatabase\\PCI#VEN_1D0F&DEV_0065',
  );
  const elsewhere = planStorage(guest(), wantsOf({ storage: 'nvme' })).findings;
  expect(elsewhere).toMatchObject([{ code: 'guest.windows-no-boot-driver' }]);
});

test('warns of signatures that Windows 7 cannot verify, unless an update lets it', () => {
  const packages = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
  const findings = (software: RegistryTree) =>
    planStorage(
      guestOf({
        system: new RegistryTree({ 'ControlSet001\\Control': {} }),
        software,
        supplied: [driverOf('viostor')],
        version: OLD,
      }),
      wantsOf({}),
    ).findings.map(({ code }) => code);
  expect(findings(new RegistryTree())).toEqual(['guest.windows-no-sha2']);
  const update = 'Package_for_KB4474419~31bf3856ad364e35~amd64~~6.1.3.2';
  expect(findings(new RegistryTree({ [`${packages}\\${update}`]: {} }))).toEqual([]);
});
