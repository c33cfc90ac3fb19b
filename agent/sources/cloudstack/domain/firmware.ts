/** Firmware of a libvirt domain. Source: libvirt's domain format, "BIOS bootloader". */
import { Firmware, type Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import { firmwareContradiction } from '../../firmware.ts';
import type { Facts } from '../../facts.ts';

export function firmwareOf(
  domain: XmlElement,
  facts: Facts,
): Pick<Machine, 'firmware' | 'secureBoot' | 'tpm'> {
  const os = domain.child('os');
  const { firmware, key } = kindOf(os);
  if (firmware !== Firmware.UNSPECIFIED) facts.note('firmware', firmware, key);
  if (os) contradiction(os, facts);
  return {
    firmware,
    secureBoot: os && secureBootOf(os, firmware, facts),
    tpm: domain.child('devices') && tpmOf(domain, facts),
  };
}

function kindOf(os: XmlElement | undefined): { firmware: Firmware; key: string } {
  const chosen = BY_NAME.get(os?.attribute('firmware') ?? '');
  if (chosen !== undefined) return { firmware: chosen, key: 'domain/os/@firmware' };
  const loader = os?.child('loader');
  if (loader) return { firmware: ofLoader(loader), key: loader.where };
  // Without a loader a PC has SeaBIOS. Other machines are not PCs, and a paravirtual Xen guest has no firmware.
  const type = os?.child('type');
  const isPc = type?.text === 'hvm' && /^(x86_64|i[3-6]86)$/.test(type.attribute('arch') ?? '');
  return { firmware: isPc ? Firmware.BIOS : Firmware.UNSPECIFIED, key: 'domain/os/loader (absent)' };
}

const BY_NAME: ReadonlyMap<string, Firmware> = new Map([
  ['efi', Firmware.UEFI],
  ['bios', Firmware.BIOS],
]);

const UEFI_IMAGE = /ovmf|edk2|aavmf|uefi|qemu_efi/i;

/** Only UEFI comes as pflash; as a ROM, it shows by the image's name. */
function ofLoader(loader: XmlElement): Firmware {
  return loader.attribute('type') === 'pflash' || UEFI_IMAGE.test(loader.text)
    ? Firmware.UEFI
    : Firmware.BIOS;
}

/**
 * Secure boot is enforced where keys are enrolled. `secure='yes'` alone says that the firmware can, which is how
 * CloudStack writes the boot mode SECURE; a loader without it cannot.
 */
function secureBootOf(os: XmlElement, firmware: Firmware, facts: Facts): boolean | undefined {
  const says = (value: boolean, key: string) => facts.note('secureBoot', value, key);
  if (firmware === Firmware.UNSPECIFIED) return undefined;
  if (firmware === Firmware.BIOS) return says(false, 'domain/os');
  for (const name of ['enrolled-keys', 'secure-boot']) {
    const feature = os
      .child('firmware')
      ?.childrenNamed('feature')
      .find((one) => one.attribute('name') === name);
    const enabled = yesNo(feature?.attribute('enabled'));
    if (feature && enabled !== undefined) return says(enabled, feature.where);
  }
  const loader = os.child('loader');
  if (loader === undefined) return undefined;
  return says(yesNo(loader.attribute('secure')) ?? false, `${loader.where}/@secure`);
}

function yesNo(text: string | undefined): boolean | undefined {
  if (text === 'yes') return true;
  return text === 'no' ? false : undefined;
}

/** A domain lists all its devices: no TPM among them is none. */
function tpmOf(domain: XmlElement, facts: Facts): boolean {
  const tpm = domain.child('devices', 'tpm');
  return facts.note('tpm', tpm !== undefined, tpm?.where ?? 'domain/devices (no tpm)');
}

function contradiction(os: XmlElement, facts: Facts): void {
  const loader = os.child('loader');
  const chosen = BY_NAME.get(os.attribute('firmware') ?? '');
  // libvirt fills in the loader that it chose; until then an empty one may carry no more than its attributes.
  if (loader === undefined || loader.text === '' || chosen === undefined || ofLoader(loader) === chosen)
    return;
  const what = `chooses the firmware "${os.attribute('firmware')}", but a loader of the other kind: ${loader.text.slice(0, 255)}`;
  facts.findings.push(firmwareContradiction(facts.file, what));
}
