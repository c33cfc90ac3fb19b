/** What the instance boots with. Source: EC2 user guide, "Instance launch behavior with Amazon EC2 boot modes". */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Answer } from './answer.ts';
import type { Fact } from '../origins.ts';
import { fact } from './fact.ts';
import type { BootMode } from './instance-type.ts';
import { stated, statedOrImage, type Instance } from './instance.ts';

export function firmwareOf(instance: Instance): Firmware {
  const mode =
    runningMode(stated(instance, 'CurrentInstanceBootMode')) ??
    askedMode(stated(instance, 'BootMode'), instance) ??
    askedMode(instance.image?.get('BootMode'), instance) ??
    defaultMode(instance);
  const kept = instance.origins.keep('firmware', mode);
  if (kept === undefined) return Firmware.UNSPECIFIED;
  return kept === 'uefi' ? Firmware.UEFI : Firmware.BIOS;
}

function runningMode(answer: Answer | undefined): Fact<BootMode> | undefined {
  const mode = answer?.text();
  return answer && (mode === 'uefi' || mode === 'legacy-bios') ? fact(mode, answer) : undefined;
}

/** `uefi-preferred` is UEFI where the type can, else BIOS. */
function askedMode(answer: Answer | undefined, { type }: Instance): Fact<BootMode> | undefined {
  if (answer?.text() !== 'uefi-preferred') return runningMode(answer);
  if (!type?.bootModes) return undefined;
  return fact(type.bootModes.includes('uefi') ? 'uefi' : 'legacy-bios', answer);
}

/** Where no image asks for a mode: the only one of the type, else UEFI on Graviton and BIOS on Intel and AMD. */
function defaultMode(instance: Instance): Fact<BootMode> | undefined {
  const { type } = instance;
  const asked = statedOrImage(instance, 'BootMode');
  const [only, ...more] = type?.bootModes ?? [];
  if (type && only && more.length === 0) return fact(only, type.place);
  const architecture = statedOrImage(instance, 'Architecture');
  if (asked.exists || !architecture.exists) return undefined;
  const mode = architecture.text()?.startsWith('arm64') ? 'uefi' : 'legacy-bios';
  return fact(mode, { file: architecture.file, where: `${architecture.where} (no BootMode: its default)` });
}
