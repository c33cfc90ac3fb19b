/** The operating system of a virtual system: VMware's identifier, VirtualBox's, or CIM's number. */
import { GuestFamily, type Guest } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { Facts } from '../../facts.ts';
import { guestOf } from '../guest-os.ts';
import { sectionsOf } from './sections.ts';

export function operatingSystemOf(system: XmlElement, facts: Facts): Guest {
  const section = sectionsOf(system, 'OperatingSystemSection')[0];
  const name = section?.textOf('Description');
  if (!section) return guestOf(undefined, undefined);
  facts.note('guest.name', name, `${section.where}/Description`);
  const stated = section.attribute('osType') ?? section.textOf('OSType');
  const key = `${section.where}@${stated === undefined ? 'id' : 'osType'}`;
  const guest = stated === undefined ? byNumber(section.attribute('id'), name) : guestOf(stated, name);
  facts.note('guest.id', guest.id, key);
  if (guest.family !== GuestFamily.UNSPECIFIED) facts.note('guest.family', guest.family, key);
  facts.note('guest.arch', guest.arch, key);
  return guest;
}

// CIM_OperatingSystem.OSType (CIM schema 2.50). Numbers that say nothing of the family are not here.
const WINDOWS = new Set([
  15, 16, 17, 18, 19, 58, 63, 67, 69, 70, 71, 72, 73, 74, 75, 76, 77, 103, 105, 111, 112, 113,
]);
const LINUX = new Set([36, 79, 80, 82, 83, 84, 85, 86, 87, 88, ...range(89, 101), 106, 107, 108, 109]);
const IS_64_BIT = new Set([
  70, 71, 74, 77, 78, 80, 81, 83, 85, 90, 92, 94, 96, 98, 100, 101, 102, 103, 107, 109,
]);
// 0 unknown, 1 other, 66 not applicable.
const SAYS_NOTHING = new Set([0, 1, 66]);

function byNumber(id: string | undefined, name: string | undefined): Guest {
  const number = /^\d{1,4}$/.test(id ?? '') ? Number(id) : undefined;
  if (number === undefined || SAYS_NOTHING.has(number)) return byName(name);
  const family = WINDOWS.has(number)
    ? GuestFamily.WINDOWS
    : LINUX.has(number)
      ? GuestFamily.LINUX
      : GuestFamily.OTHER;
  return { family, id, name, arch: IS_64_BIT.has(number) ? 'x86_64' : undefined };
}

/** oVirt writes a name of its own into the description and a UUID into the id: `rhel_8x64`, `windows_2022`. */
function byName(name: string | undefined): Guest {
  if (name === undefined || !/^[a-z0-9]+_[a-z0-9_]+$/.test(name))
    return { family: GuestFamily.UNSPECIFIED, name };
  const { family } = guestOf(name, undefined);
  return { family, id: name, name, arch: name.endsWith('x64') ? 'x86_64' : undefined };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
