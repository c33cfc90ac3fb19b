/** Generations of Hyper-V's machines, which Azure has too: the first starts by BIOS from IDE, the second by UEFI. */
import { z } from 'zod';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { TwinHardware } from '../rehearsal/hardware.ts';

export const generationOptions = z.strictObject({
  generation: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe('Generation of the machine; without it, what its firmware asks for.'),
});

export type GenerationOptions = z.infer<typeof generationOptions>;

export function firmwareOf({ firmware }: Machine, { generation }: GenerationOptions): Firmware {
  if (generation === undefined) return firmware;
  return generation === 2 ? Firmware.UEFI : Firmware.BIOS;
}

/** QEMU has no VMBus: IDE is what generation 1 starts from; for generation 2 SATA is as near as UEFI gets. */
export function nearestHardware(machine: Machine, options: GenerationOptions): TwinHardware {
  const firmware = firmwareOf(machine, options);
  return {
    firmware,
    secureBoot: machine.secureBoot ?? false,
    tpm: machine.tpm ?? false,
    disk: firmware === Firmware.UEFI ? 'ahci' : 'ide',
    nic: 'e1000e',
    sameStorage: false,
    sameNetwork: false,
  };
}
