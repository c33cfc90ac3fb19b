/** Disks of a libvirt domain. Source: libvirt's domain format, "Hard drives, floppy disks, CDROMs". */
import { info, warn } from '../../../../proto/finding.ts';
import type { Disk } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { Facts } from '../../facts.ts';
import { Ids } from '../ids.ts';
import { countOf, wholeOf } from '../../quantities.ts';
import { controllerOf, modelsOf } from './controller.ts';
import { namesOf } from './disk-source.ts';

/** In boot order, the boot disk first. */
export function disksOf(domain: XmlElement, facts: Facts): Disk[] {
  const elements = inBootOrder(domain.child('devices')?.childrenNamed('disk').filter(isDisk) ?? []);
  const ids = new Ids();
  const models = modelsOf(domain);
  return elements.map((element, index) => {
    const id = ids.take(element.child('target')?.attribute('dev'), /^[a-z0-9]{1,16}$/, 'disk', index);
    const names = namesOf(element);
    facts.refer(id, ...names, element.textOf('serial'));
    remarks(element, id, facts);
    const boot = element.child('boot')?.where ?? 'domain/os/boot';
    return {
      id,
      label: facts.note(`disks.${id}.label`, names[0], `${element.where}/source`),
      controller: facts.note(
        `disks.${id}.controller`,
        controllerOf(element, models),
        `${element.where}/target`,
      ),
      boot: facts.note(`disks.${id}.boot`, index === 0, boot),
    };
  });
}

/** CD-ROMs and floppies are not; a "lun" is a disk whose SCSI commands go through to the host's. */
function isDisk(element: XmlElement): boolean {
  return ['disk', 'lun'].includes(element.attribute('device') ?? 'disk');
}

/**
 * `<boot order>` of devices, where any disk has one; else the order in which libvirt holds disks, of which it boots the
 * first: buses as they first appear, and within a bus by the target's letters (virDomainDiskInsert).
 */
function inBootOrder(elements: XmlElement[]): XmlElement[] {
  const buses = new Map([...new Set(elements.map(busOf))].map((bus, place) => [bus, place]));
  const ranked = elements.map((element) => ({
    element,
    boot: countOf(wholeOf(element.child('boot')?.attribute('order'))) ?? Infinity,
    bus: buses.get(busOf(element)) ?? 0,
    place: placeOf(element.child('target')?.attribute('dev') ?? ''),
  }));
  ranked.sort((a, b) => compare(a.boot, b.boot) || compare(a.bus, b.bus) || compare(a.place, b.place));
  return ranked.map(({ element }) => element);
}

/** Infinity less itself is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function busOf(element: XmlElement): string {
  return element.child('target')?.attribute('bus') ?? '';
}

/** 0 for "vda", 27 for "vdab". */
function placeOf(target: string): number {
  const letters = /^(?:vd|sd|hd|xvd|ubd|nvme)([a-z]{1,4})$/.exec(target)?.[1] ?? '';
  return Array.from(letters).reduce((place, letter) => place * 26 + (letter.charCodeAt(0) - 96), 0) - 1;
}

function remarks(element: XmlElement, id: string, facts: Facts): void {
  const add = (make: typeof warn, code: string, message: string, remedy: string) =>
    facts.findings.push(make(code, id, message, remedy));
  if (element.child('encryption') ?? element.child('source', 'encryption')) {
    add(
      warn,
      'disk.encrypted-at-source',
      `The platform encrypts ${id}: its data can be read only with the key that the platform keeps.`,
      'Decrypt the volume before the backup, or have the key at hand where the backup is encrypted, too.',
    );
  }
  if (element.child('shareable')) {
    add(
      warn,
      'disk.shared',
      `${id} can be used by other machines at the same time: what they wrote while the backup was taken may not fit together.`,
      'Restore all machines that share it, and give them one disk again.',
    );
  }
  const layers = backingLayers(element);
  if (layers.length > 0) {
    add(
      info,
      'disk.differencing',
      `On its host, ${id} lay in ${layers.length + 1} layers, upon ${layers.join(', ')}.`,
      'The backup must hold these layers as well, unless it was taken as one whole image.',
    );
  }
}

/** The images below the newest one, the newest of them first. Depth is bounded by the parser. */
function backingLayers(element: XmlElement): string[] {
  const layers: string[] = [];
  for (let layer = element.child('backingStore'); layer; layer = layer.child('backingStore')) {
    const [name] = namesOf(layer);
    if (name !== undefined) layers.push(name);
  }
  return layers;
}
