/**
 * The family of a guest by what people call its system ("CentOS 5.6 (64-bit)", "Microsoft Windows Server 2019") or by
 * libosinfo's identifier ("http://microsoft.com/win/11"). Identifiers of one platform are for its own table.
 */
import { GuestFamily } from '../../proto/gen/ascend/v1/machine.ts';

const WINDOWS = /\bwindows\b|microsoft\.com\/win/i;
const LINUX =
  /linux|debian|ubuntu|centos|red hat|redhat|\brhel\b|fedora|rocky|alma|suse|\bsles\b|coreos|flatcar|gentoo|mandriva|asianux|photon|openeuler|kylin|archlinux|alpinelinux|nixos|mageia|\btinycore/i;
const OTHER =
  /bsd|solaris|netware|\bdos\b|ms-?dos|os\/2|mac ?os|darwin|haiku|minix|open ?server|unixware|vmware esx|microsoft\.com\//i;

/** "Other PV (64-bit)", "Other (32-bit)" and "None" say nothing. */
export function familyOf(system: string | undefined): GuestFamily {
  if (system === undefined) return GuestFamily.UNSPECIFIED;
  if (WINDOWS.test(system)) return GuestFamily.WINDOWS;
  if (LINUX.test(system)) return GuestFamily.LINUX;
  return OTHER.test(system) ? GuestFamily.OTHER : GuestFamily.UNSPECIFIED;
}
