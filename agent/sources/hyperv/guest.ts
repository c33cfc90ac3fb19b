/** The operating system by the name that Hyper-V's data exchange or SCVMM gives it. */
import { GuestFamily } from '../../../proto/gen/ascend/v1/machine.ts';

const FAMILIES: readonly (readonly [RegExp, GuestFamily])[] = [
  [/\bwindows\b/i, GuestFamily.WINDOWS],
  [
    /linux|ubuntu|debian|centos|red hat|\brhel\b|suse|\bsles\b|fedora|\brocky\b|almalinux|oracle/i,
    GuestFamily.LINUX,
  ],
  [/bsd|solaris|netware/i, GuestFamily.OTHER],
];

export function familyOf(name: string): GuestFamily | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
