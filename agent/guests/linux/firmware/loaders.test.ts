import { expect, it } from 'vitest';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { fallbackLoader, proveLoader, type FirmwareFacts } from './loaders.ts';

const on = (...loaders: string[]): FirmwareFacts => ({
  esp: '/boot/efi',
  loaders,
  startsByBios: false,
  bootDisk: undefined,
  grub: new Set(),
  freeBytes: 0n,
});
const bios: FirmwareFacts = { ...on(), esp: undefined, startsByBios: true };

const copies = (facts: FirmwareFacts) =>
  fallbackLoader(facts).flatMap(({ changes }) =>
    changes.flatMap((change) => (change.kind === 'copy' ? [[change.from, change.path]] : [])),
  );

it('puts shim where firmware looks, and beside it what shim starts', () => {
  const facts = on('/EFI/debian/grubx64.efi', '/EFI/debian/shimx64.efi', '/EFI/other/grubx64.efi');
  expect(copies(facts)).toEqual([
    ['/boot/efi/EFI/debian/shimx64.efi', '/boot/efi/EFI/BOOT/BOOTX64.EFI'],
    ['/boot/efi/EFI/debian/grubx64.efi', '/boot/efi/EFI/BOOT/grubx64.efi'],
  ]);
});

it.each([
  ['/efi/systemd/systemd-bootx64.efi', '/boot/efi/efi/BOOT/BOOTX64.EFI'],
  ['/EFI/arch/grubx64.efi', '/boot/efi/EFI/BOOT/BOOTX64.EFI'],
])('takes %s where there is no shim', (loader, to) => {
  expect(copies(on(loader))).toEqual([[`/boot/efi${loader}`, to]]);
});

it('leaves a loader alone that is there already, in any case of letters', () => {
  expect(copies(on('/EFI/Boot/bootx64.efi', '/EFI/debian/grubx64.efi'))).toEqual([]);
});

it('says of a guest that starts by UEFI whether its loader is where firmware looks, and what is there instead', () => {
  const [missing] = proveLoader(on('/EFI/debian/grubx64.efi'), { firmware: Firmware.UEFI });
  expect(missing).toMatchObject({ about: 'loader', holds: false });
  expect(missing?.proof).toContain('there is /EFI/debian/grubx64.efi only');
  expect(proveLoader(bios, { firmware: Firmware.UEFI })).toMatchObject([{ holds: false }]);
  expect(proveLoader(on('/EFI/BOOT/BOOTX64.EFI'), { firmware: Firmware.UEFI })).toMatchObject([
    { holds: true, proof: 'The boot loader is /boot/efi/EFI/BOOT/BOOTX64.EFI.' },
  ]);
  expect(proveLoader(bios, { firmware: Firmware.BIOS })).toEqual([]);
});
