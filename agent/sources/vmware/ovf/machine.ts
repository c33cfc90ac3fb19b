/** A machine from one virtual system of an OVF descriptor. */
import { Firmware, type Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { SourcedMachine } from '../../source.ts';
import { Facts } from '../../facts.ts';
import { settleFirmware, firmwareContradiction, type StatedFirmware } from '../../firmware.ts';
import { firmwareOf } from '../firmware.ts';
import { uuidOf } from '../uuid.ts';
import { cpuOf, memoryOf } from './compute.ts';
import { disksOf } from './disks.ts';
import type { Envelope } from './envelope.ts';
import { sectionsOf } from './sections.ts';
import { isInConfiguration, itemsOf, type Item } from './items.ts';
import { nicsOf } from './nics.ts';
import { operatingSystemOf } from './operating-system.ts';
import { propertiesOf } from './properties.ts';
import { virtualBoxOf, type VirtualBox } from './virtualbox.ts';

export interface Place {
  envelope: Envelope;
  configuration: string | undefined;
  file: string;
}

export function machineOf(element: XmlElement, { envelope, configuration, file }: Place): SourcedMachine {
  const facts = new Facts(file);
  const hardware = hardwareOf(element, configuration);
  const items = hardware ? itemsOf(hardware, configuration) : [];
  const box = virtualBoxOf(element);
  const settings = new Settings(hardware, configuration, facts);
  const own = propertiesOf(element);
  const property = (key: string) => own.get(key) ?? envelope.properties.get(key);
  const machine: Machine = {
    ...identityOf(element, hardware, box, facts),
    ...settleFirmware(statedFirmware(settings, element, box), facts),
    platform: 'vmware',
    guest: operatingSystemOf(element, facts),
    cpu: cpuOf(items, facts),
    memoryBytes: memoryOf(items, facts),
    tpm: hardware && facts.note('tpm', items.some(isTpm) || (box?.tpm ?? false), hardware.where),
    disks: disksOf({ envelope, property, items, facts }),
    nics: nicsOf(items, box?.adapters ?? [], facts),
    tags: productOf(element, facts),
  };
  return facts.of(machine);
}

/** Several are alternatives for different hypervisors: VMware's own, else the first. */
function hardwareOf(element: XmlElement, configuration: string | undefined): XmlElement | undefined {
  const all = sectionsOf(element, 'VirtualHardwareSection').filter((section) =>
    isInConfiguration(section, configuration),
  );
  return all.find((section) => /\bvmx-/.test(section.textOf('System', 'VirtualSystemType') ?? '')) ?? all[0];
}

function identityOf(
  element: XmlElement,
  hardware: XmlElement | undefined,
  box: VirtualBox | undefined,
  facts: Facts,
): Pick<Machine, 'name' | 'sourceId' | 'notes'> {
  const named = element.textOf('Name') ?? hardware?.textOf('System', 'VirtualSystemIdentifier');
  const name = named ?? element.attribute('id');
  const notes = sectionsOf(element, 'AnnotationSection')[0]?.textOf('Annotation');
  return {
    name: facts.name(name, `${element.where}${named === undefined ? '@id' : '/Name'}`),
    sourceId: facts.note('sourceId', uuidOf(box?.uuid ?? ovirtId(element)), element.where),
    notes: facts.note('notes', notes, `${element.where}/AnnotationSection`),
  };
}

/** oVirt writes the VM's UUID where others write the number of the operating system. */
function ovirtId(element: XmlElement): string | undefined {
  const id = sectionsOf(element, 'OperatingSystemSection')[0]?.attribute('id');
  return id !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : undefined;
}

/** CIM has no type for a TPM: exporters write other (1) or a reserved number. */
function isTpm({ model }: Item): boolean {
  return model === 'vmware.vtpm';
}

// oVirt's BiosType (Content/BiosType): 1 i440fx and 2 q35 with SeaBIOS, 3 q35 with OVMF, 4 the same with Secure Boot.
const OVIRT_FIRMWARE: ReadonlyMap<string, Firmware> = new Map([
  ['1', Firmware.BIOS],
  ['2', Firmware.BIOS],
  ['3', Firmware.UEFI],
  ['4', Firmware.UEFI],
]);

function statedFirmware(
  settings: Settings,
  element: XmlElement,
  box: VirtualBox | undefined,
): StatedFirmware {
  const bios = element.textOf('BiosType');
  const own = firmwareOf(settings.get('firmware'));
  const other = OVIRT_FIRMWARE.get(bios ?? '') ?? box?.firmware ?? Firmware.UNSPECIFIED;
  const secure = settings.get('bootOptions.efiSecureBootEnabled')?.toLowerCase();
  const otherSecure = bios === undefined || other === Firmware.UNSPECIFIED ? undefined : bios === '4';
  return {
    firmware: {
      value: own === Firmware.UNSPECIFIED ? other : own,
      key:
        own === Firmware.UNSPECIFIED
          ? `${(box?.element ?? element).where} (firmware)`
          : 'vmw:Config firmware',
    },
    secureBoot: {
      value: secure === 'true' ? true : secure === 'false' ? false : otherSecure,
      key: 'vmw:Config bootOptions.efiSecureBootEnabled',
    },
  };
}

/** The `vmw:Config` settings of the hardware as a whole. */
class Settings {
  readonly #values = new Map<string, string>();

  constructor(hardware: XmlElement | undefined, configuration: string | undefined, facts: Facts) {
    for (const element of hardware?.childrenNamed('Config') ?? []) {
      const key = element.attribute('key');
      if (key === undefined || !isInConfiguration(element, configuration)) continue;
      const value = element.attribute('value') ?? '';
      this.#warnOfSecond(key, value, facts);
      this.#values.set(key, value);
    }
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  #warnOfSecond(key: string, value: string, facts: Facts): void {
    const before = this.#values.get(key);
    if (before === undefined || before === value || !/firmware|efi/i.test(key)) return;
    const what = `sets ${key.slice(0, 100)} to ${before.slice(0, 50)} and to ${value.slice(0, 50)}; the last counts`;
    facts.findings.push(firmwareContradiction(facts.file, what));
  }
}

const PRODUCT: readonly [tag: string, element: string][] = [
  ['product', 'Product'],
  ['vendor', 'Vendor'],
  ['version', 'Version'],
];

function productOf(element: XmlElement, facts: Facts): Record<string, string> {
  const section = sectionsOf(element, 'ProductSection')[0];
  return Object.fromEntries(
    PRODUCT.flatMap(([tag, name]) => {
      const text = section?.textOf(name)?.slice(0, 255);
      if (!section || text === undefined) return [];
      return [[tag, facts.note(`tags.${tag}`, text, `${section.where}/${name}`)] as const];
    }),
  );
}
