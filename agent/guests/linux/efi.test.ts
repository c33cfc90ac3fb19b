import { expect, it } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { GuestRequirements } from '../requirements.ts';
import { planFirmware, proveLoader, type FirmwareFacts } from './efi.ts';

const wants = (firmware: Firmware): GuestRequirements => ({
  firmware,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: undefined,
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics: [],
  supplies: {},
});

function planned(facts: FirmwareFacts, firmware: Firmware = Firmware.UEFI) {
  const { fixes, findings } = planFirmware(facts, wants(firmware), 'x');
  return {
    copies: fixes.flatMap(({ changes }) =>
      changes.flatMap((change) => (change.kind === 'copy' ? [[change.from, change.path]] : [])),
    ),
    findings: findings.map(({ code }) => code),
  };
}

const on = (...loaders: string[]): FirmwareFacts => ({ esp: '/boot/efi', loaders, startsByBios: false });
const bios: FirmwareFacts = { esp: undefined, loaders: [], startsByBios: true };

it('puts shim where firmware looks, and beside it what shim starts', () => {
  const { copies } = planned(
    on('/EFI/debian/grubx64.efi', '/EFI/debian/shimx64.efi', '/EFI/other/grubx64.efi'),
  );
  expect(copies).toEqual([
    ['/boot/efi/EFI/debian/shimx64.efi', '/boot/efi/EFI/BOOT/BOOTX64.EFI'],
    ['/boot/efi/EFI/debian/grubx64.efi', '/boot/efi/EFI/BOOT/grubx64.efi'],
  ]);
});

it.each([
  ['/efi/systemd/systemd-bootx64.efi', '/boot/efi/efi/BOOT/BOOTX64.EFI'],
  ['/EFI/arch/grubx64.efi', '/boot/efi/EFI/BOOT/BOOTX64.EFI'],
])('takes %s where there is no shim', (loader, to) => {
  expect(planned(on(loader)).copies).toEqual([[`/boot/efi${loader}`, to]]);
});

it('leaves a loader alone that is there already, in any case of letters', () => {
  expect(planned(on('/EFI/Boot/bootx64.efi', '/EFI/debian/grubx64.efi'))).toEqual({
    copies: [],
    findings: [],
  });
});

it.each([
  ['a BIOS guest by UEFI', bios, Firmware.UEFI, ['guest.firmware']],
  ['a UEFI guest by BIOS', on('/EFI/x/grubx64.efi'), Firmware.BIOS, ['guest.firmware']],
  ['a BIOS guest by BIOS', bios, Firmware.BIOS, []],
  ['a guest with both by BIOS', { ...on('/EFI/x/grubx64.efi'), startsByBios: true }, Firmware.BIOS, []],
  ['a BIOS guest by what nobody knows', bios, Firmware.UNSPECIFIED, []],
])('says whether %s can start', (_what, facts, firmware, findings) => {
  expect(planned(facts, firmware).findings).toEqual(findings);
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
