/** What VirtualBox adds to an OVF: its whole configuration, as `vbox:Machine`. What it leaves out has its default there. */
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';

export interface VirtualBox {
  element: XmlElement;
  uuid: string | undefined;
  firmware: Firmware;
  tpm: boolean;
  /** The adapters that are plugged in, by slot. */
  adapters: XmlElement[];
}

export function virtualBoxOf(system: XmlElement): VirtualBox | undefined {
  const element = system.children.find(
    ({ name, uri }) => name === 'Machine' && uri.includes('virtualbox.org'),
  );
  if (!element) return undefined;
  const hardware = element.child('Hardware');
  const firmware = hardware?.child('Firmware')?.attribute('type') ?? 'BIOS';
  const tpm = hardware?.child('TrustedPlatformModule')?.attribute('type') ?? 'None';
  const adapters = hardware?.child('Network')?.childrenNamed('Adapter') ?? [];
  return {
    element,
    uuid: element.attribute('uuid'),
    firmware: firmware.toUpperCase().startsWith('EFI') ? Firmware.UEFI : Firmware.BIOS,
    tpm: tpm !== 'None',
    adapters: adapters.filter((adapter) => adapter.attribute('enabled') === 'true'),
  };
}
