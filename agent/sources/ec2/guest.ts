/** What EC2 knows of the guest: little, as it bills operating systems and does not look into them. */
import { GuestFamily, type Guest } from '../../../proto/gen/ascend/v1/machine.ts';
import { block, warn } from '../../../proto/finding.ts';
import type { Answer } from './answer.ts';
import { fact, keep, textFact, type Fact } from './fact.ts';
import { stated, statedOrImage, type Instance } from './instance.ts';

const ARCHITECTURES = new Map([
  ['x86_64', 'x86_64'],
  ['x86_64_mac', 'x86_64'],
  ['i386', 'i686'],
  ['arm64', 'aarch64'],
  ['arm64_mac', 'aarch64'],
]);

export function guestOf(instance: Instance): Guest | undefined {
  const { origins } = instance;
  const details = statedOrImage(instance, 'PlatformDetails');
  const architecture = statedOrImage(instance, 'Architecture');
  const guest: Guest = {
    family: keep(origins, 'guest.family', familyOf(instance, details)) ?? GuestFamily.UNSPECIFIED,
    id: keep(origins, 'guest.id', textFact(details)),
    name: keep(origins, 'guest.name', tellingText(instance.image) ?? billedName(details)),
    arch: keep(
      origins,
      'guest.arch',
      fact(ARCHITECTURES.get(architecture.text() ?? '') ?? architecture.text(), architecture),
    ),
  };
  const { family, id, name, arch } = guest;
  return family === GuestFamily.UNSPECIFIED && !id && !name && !arch ? undefined : guest;
}

/** `Platform` is "windows" or absent; `PlatformDetails` is what is billed, where "Linux/UNIX" is a BSD as well. */
function familyOf(instance: Instance, details: Answer): Fact<GuestFamily> | undefined {
  const platform = statedOrImage(instance, 'Platform');
  if (/^windows$/i.test(platform.text() ?? '')) return fact(GuestFamily.WINDOWS, platform);
  const architecture = statedOrImage(instance, 'Architecture');
  if (architecture.text()?.endsWith('_mac')) return fact(GuestFamily.OTHER, architecture);
  const image = tellingText(instance.image);
  if (image && /BSD/i.test(image.value)) return fact(GuestFamily.OTHER, image.place);
  const text = details.text();
  if (text === undefined) return undefined;
  if (/windows/i.test(text)) return fact(GuestFamily.WINDOWS, details);
  return /linux|ubuntu|suse|red hat/i.test(text) ? fact(GuestFamily.LINUX, details) : undefined;
}

const SYSTEMS =
  /ubuntu|debian|amazon linux|amzn|al2023|rhel|red hat|centos|rocky|alma|suse|sles|fedora|oracle|windows|bsd|macos/i;

/** The image's description, else its name, where it names a system: people call images "web-2" as well. */
function tellingText(image: Answer | undefined): Fact<string> | undefined {
  return ['Description', 'Name']
    .map((name) => image && textFact(image.get(name)))
    .find((text) => text !== undefined && SYSTEMS.test(text.value));
}

/** "Linux/UNIX" names none: it is whatever costs nothing extra. */
function billedName(details: Answer): Fact<string> | undefined {
  return details.text() === 'Linux/UNIX' ? undefined : textFact(details);
}

/** Guests that EC2 boots from outside cannot boot by themselves. */
export function reportForeignBoot(instance: Instance): void {
  const kernel = stated(instance, 'KernelId').text();
  const virtualization = statedOrImage(instance, 'VirtualizationType').text();
  const by = kernel ? ` by the kernel ${kernel}, which is EC2's and not in the backup` : '';
  if (virtualization === 'paravirtual') {
    instance.findings.push(
      block(
        'guest.paravirtual',
        instance.id,
        `${instance.id} is paravirtual: EC2 boots it${by}, and its disk need not have a boot loader.`,
        'Move the instance to an HVM image with a boot loader and a kernel of its own, and back it up again.',
      ),
    );
  } else if (kernel !== undefined) {
    const message = `${instance.id} is ${virtualization ?? 'of an unknown kind'} but boots${by}.`;
    const remedy = 'Check that a boot loader and a kernel are on its disk.';
    instance.findings.push(warn('guest.kernel-outside', instance.id, message, remedy));
  }
}
