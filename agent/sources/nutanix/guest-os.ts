/**
 * The guest's operating system. AHV does not ask for it; Nutanix Guest Tools report it as `linux:64:CentOS Linux-7.9`,
 * lists of protected VMs have text of the hypervisor, e.g. `Microsoft Windows Server 2012 (64-bit)`.
 */
import { GuestFamily, type Guest } from '../../../proto/gen/ascend/v1/machine.ts';
import { familyOf } from '../guest-family.ts';

export function guestOf(id: string | undefined, os: string | undefined): Guest {
  if (os === undefined) return { family: GuestFamily.UNSPECIFIED, id };
  const reported = /^(linux|windows):(32|64):(.{1,255})$/i.exec(os);
  const [, kind, bits, name] = reported ?? [];
  return {
    family: familyOf(kind ?? os),
    id,
    name: name ?? os,
    // AHV and ESXi clusters of Nutanix run on x86 alone.
    arch: archOf(bits ?? /\((32|64)-bit\)/.exec(os.slice(0, 255))?.[1]),
  };
}

function archOf(bits: string | undefined): string | undefined {
  if (bits === undefined) return undefined;
  return bits === '64' ? 'x86_64' : 'i686';
}
