/** What a `guestOS` identifier says. Source: vSphere API, VirtualMachineGuestOsIdentifier, in the VMX spelling. */
import { GuestFamily, type Guest } from '../../../proto/gen/ascend/v1/machine.ts';

const WINDOWS = /^(win|longhorn|whistler|nt4)/;
const LINUX =
  /linux|^(debian|ubuntu|rhel|redhat|centos|sles|suse|opensuse|fedora|rocky|alma|amazon|asianux|coreos|vmware-photon|crxpod|crxsys|mandr|turbo|nld|oes|sjds)/;

export function guestOf(guestOs: string | undefined, detailed: string | undefined): Guest {
  const name = detailed && /prettyName='([^']*)'/.exec(detailed)?.[1];
  if (guestOs === undefined) return { family: GuestFamily.UNSPECIFIED, name: name || undefined };
  const id = guestOs.toLowerCase();
  return {
    family: familyOf(id.replace(/^arm-/, '')),
    id: guestOs,
    name: name || undefined,
    arch: archOf(id),
  };
}

function familyOf(id: string): GuestFamily {
  if (WINDOWS.test(id)) return GuestFamily.WINDOWS;
  return LINUX.test(id) ? GuestFamily.LINUX : GuestFamily.OTHER;
}

function archOf(id: string): string | undefined {
  if (id.startsWith('arm-')) return 'aarch64';
  if (id.endsWith('-64')) return 'x86_64';
  // "other" says nothing; every other identifier without -64 is the 32-bit edition.
  return id === 'other' ? undefined : 'i686';
}
