/** Drivers as users supply them, with the names and folders of the real ones and none of their content. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

interface PhonyDriver {
  name: string;
  pciIds: string[];
}

const VIRTIO: PhonyDriver[] = [
  {
    name: 'viostor',
    pciIds: ['VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00', 'VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01'],
  },
  {
    name: 'vioscsi',
    pciIds: ['VEN_1AF4&DEV_1004&SUBSYS_00081AF4&REV_00', 'VEN_1AF4&DEV_1048&SUBSYS_11001AF4&REV_01'],
  },
  {
    name: 'netkvm',
    pciIds: ['VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00', 'VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01'],
  },
  {
    name: 'balloon',
    pciIds: ['VEN_1AF4&DEV_1002&SUBSYS_00051AF4&REV_00', 'VEN_1AF4&DEV_1045&SUBSYS_11001AF4&REV_01'],
  },
];

const VIRTIO_RELEASES = [
  'xp',
  '2k3',
  '2k8',
  'w7',
  '2k8R2',
  'w8',
  '2k12',
  'w8.1',
  '2k12R2',
  'w10',
  'w11',
  '2k16',
  '2k19',
  '2k22',
  '2k25',
];

/** As virtio-win.iso: driver/release/processor. */
export async function writeVirtioWin(folder: string): Promise<void> {
  for (const driver of VIRTIO) {
    for (const release of VIRTIO_RELEASES)
      for (const arch of ['x86', 'amd64'])
        await writeDriver(path.join(folder, driver.name, release, arch), driver, arch);
  }
  await writeDriver(path.join(folder, 'sriov/2k22/amd64'), { name: 'vioprot', pciIds: [] }, 'amd64');
  await mkdir(path.join(folder, 'guest-agent'), { recursive: true });
  await writeFile(path.join(folder, 'guest-agent/qemu-ga-x86_64.msi'), 'the installer of qemu-ga\n');
}

/** As the Drivers folder of VMware Tools. */
export async function writeVmwareTools(folder: string): Promise<void> {
  const drivers = [
    { name: 'pvscsi', pciIds: ['VEN_15AD&DEV_07C0&SUBSYS_07C015AD&REV_02'] },
    { name: 'vmxnet3', pciIds: ['VEN_15AD&DEV_07B0'] },
  ];
  for (const driver of drivers) {
    for (const release of ['Vista', 'Win8', 'Win10'])
      for (const arch of ['i386', 'amd64'])
        await writeDriver(path.join(folder, driver.name, release, arch), driver, arch);
  }
}

async function writeDriver(folder: string, { name, pciIds }: PhonyDriver, arch: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const decoration = arch === 'amd64' ? 'NTamd64' : 'NTx86';
  const models = pciIds.map((id) => `%Device% = Install, PCI\\${id}`);
  const inf = [
    '[Version]',
    'Signature="$WINDOWS NT$"',
    '[Manufacturer]',
    `%Vendor% = Models, ${decoration}`,
    `[Models.${decoration}]`,
    ...models,
  ];
  const where = folder.split(path.sep).slice(-3).join('/');
  await writeFile(path.join(folder, `${name}.inf`), `${inf.join('\r\n')}\r\n`);
  await writeFile(path.join(folder, `${name}.sys`), `driver ${where}\n`);
  await writeFile(path.join(folder, `${name}.cat`), `catalogue ${where}\n`);
  await writeFile(path.join(folder, `${name}.pdb`), 'symbols');
}
