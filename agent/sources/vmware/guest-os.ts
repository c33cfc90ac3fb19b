/**
 * What VMware's identifier of an operating system says. Source: vSphere API, VirtualMachineGuestOsIdentifier
 * (`debian12_64Guest`), and the spelling of VMX files for the same (`debian12-64`).
 */
import { GuestFamily, type Guest } from '../../../proto/gen/ascend/v1/machine.ts';

const WINDOWS = /^(win|longhorn|whistler|nt4)/;
const LINUX =
  /linux|^(debian|ubuntu|rhel|redhat|centos|sles|suse|opensuse|fedora|rocky|alma|amazon|asianux|coreos|flatcar|vmware-?photon|crxpod|crxsys|mandr|turbo|nld|oes|sjds|kylin|pardus|genericlinux)/;

/** `name` is what people call it, where the file says so. */
export function guestOf(id: string | undefined, name: string | undefined): Guest {
  if (id === undefined) return { family: GuestFamily.UNSPECIFIED, name };
  const plain = id.toLowerCase().replace(/guest$/, '');
  return { family: familyOf(plain.replace(/^arm[-_]?/, '')), id, name, arch: archOf(plain) };
}

function familyOf(plain: string): GuestFamily {
  if (WINDOWS.test(plain)) return GuestFamily.WINDOWS;
  return LINUX.test(plain) ? GuestFamily.LINUX : GuestFamily.OTHER;
}

function archOf(plain: string): string | undefined {
  if (plain.startsWith('arm')) return 'aarch64';
  if (/[^0-9]64$/.test(plain)) return 'x86_64';
  // "other" says nothing; every other identifier without 64 is the 32-bit edition.
  return plain === 'other' ? undefined : 'i686';
}
