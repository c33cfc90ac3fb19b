/** Memory of a libvirt domain: `<memory unit='KiB'>`. Source: libvirt's domain format, "Memory allocation". */
import type { XmlElement } from '../../../documents/xml.ts';
import { bytesOf } from '../../quantities.ts';

/** In lower case: libvirt compares without regard to it (virScaleInteger). */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ...['b', 'byte', 'bytes'].map((unit): [string, bigint] => [unit, 1n]),
  ...['k', 'm', 'g', 't', 'p', 'e'].flatMap((letter, power): [string, bigint][] => [
    [letter, 1024n ** BigInt(power + 1)],
    [`${letter}ib`, 1024n ** BigInt(power + 1)],
    [`${letter}b`, 1000n ** BigInt(power + 1)],
  ]),
]);

/** What the guest has when it starts; `currentMemory` is what a balloon left of it at that moment. */
export function memoryOf(domain: XmlElement): bigint | undefined {
  const element = domain.child('memory');
  const unit = UNITS.get((element?.attribute('unit') ?? 'KiB').toLowerCase());
  if (element === undefined || unit === undefined || !/^\d{1,20}$/.test(element.text)) return undefined;
  return bytesOf(BigInt(element.text), unit);
}
