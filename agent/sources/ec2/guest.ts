/** What EC2 knows of the guest: little, as it bills operating systems and does not look into them. */
import { GuestFamily, type Guest } from '../../../proto/gen/ascend/v1/machine.ts';
import { block, warn } from '../../../proto/finding.ts';
import { architectureOf } from '../architecture.ts';
import { familyOf } from '../guest-family.ts';
import type { Answer } from './answer.ts';
import type { Fact } from '../origins.ts';
import { fact, textFact } from './fact.ts';
import { stated, statedOrImage, type Instance } from './instance.ts';

export function guestOf(instance: Instance): Guest | undefined {
  const { origins } = instance;
  const details = statedOrImage(instance, 'PlatformDetails');
  const architecture = statedOrImage(instance, 'Architecture');
  const guest: Guest = {
    family: origins.keep('guest.family', familyFact(instance, details)) ?? GuestFamily.UNSPECIFIED,
    id: origins.keep('guest.id', textFact(details)),
    name: origins.keep('guest.name', tellingText(instance.image) ?? billedName(details)),
    arch: origins.keep(
      'guest.arch',
      fact(architectureOf(architecture.text()?.replace(/_mac$/, '')), architecture),
    ),
  };
  const { family, id, name, arch } = guest;
  return family === GuestFamily.UNSPECIFIED && !id && !name && !arch ? undefined : guest;
}

/** `Platform` is "windows" or absent; `PlatformDetails` is what is billed, where "Linux/UNIX" is a BSD as well. */
function familyFact(instance: Instance, details: Answer): Fact<GuestFamily> | undefined {
  const platform = statedOrImage(instance, 'Platform');
  if (/^windows$/i.test(platform.text() ?? '')) return fact(GuestFamily.WINDOWS, platform);
  const architecture = statedOrImage(instance, 'Architecture');
  if (architecture.text()?.endsWith('_mac')) return fact(GuestFamily.OTHER, architecture);
  const image = tellingText(instance.image);
  if (image && familyOf(image.value) === GuestFamily.OTHER) return { ...image, value: GuestFamily.OTHER };
  return fact(familyOf(details.text()) || undefined, details);
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
        'machine.paravirtual',
        instance.id,
        `${instance.id} is paravirtual: EC2 boots it${by}, and its disk need not have a boot loader.`,
        'Move the instance to an HVM image with a boot loader and a kernel of its own, and back it up again.',
      ),
    );
  } else if (kernel !== undefined) {
    const message = `${instance.id} is ${virtualization ?? 'of an unknown kind'} but boots${by}.`;
    const remedy = 'Check that a boot loader and a kernel are on its disk.';
    instance.findings.push(warn('machine.kernel-outside', instance.id, message, remedy));
  }
}
