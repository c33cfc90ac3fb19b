/** Destination Microsoft Hyper-V: generation 1 starts by BIOS from IDE, generation 2 by UEFI from SCSI. */
import { z } from 'zod';
import { Firmware, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

const options = z.strictObject({
  generation: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe('Generation of the machine; without it, what its firmware asks for.'),
});

export type HypervOptions = z.infer<typeof options>;

export const hyperv: Destination<HypervOptions> = {
  kind: 'hyperv',
  title: 'Microsoft Hyper-V',
  options,
  requirements: (machine, chosen) => ({
    firmware: firmwareOf(machine, chosen),
    // The IDE disk of generation 1 is handed over to storvsc once its driver is there.
    storage: 'storvsc',
    network: 'netvsc',
    serialConsole: undefined,
    kernelArguments: [],
    guestAgent: 'hyperv-daemons',
    cloud: undefined,
    nics: nicsOf(machine),
    supplies: {},
  }),
  // QEMU has no VMBus: IDE is what generation 1 starts from; for generation 2 SATA is as near as UEFI gets.
  hardware: (machine, chosen) => ({
    firmware: firmwareOf(machine, chosen),
    secureBoot: machine.secureBoot ?? false,
    tpm: machine.tpm ?? false,
    disk: firmwareOf(machine, chosen) === Firmware.UEFI ? 'ahci' : 'ide',
    nic: 'e1000e',
    sameStorage: false,
    sameNetwork: false,
  }),
};

function firmwareOf({ firmware }: Machine, { generation }: HypervOptions): Firmware {
  if (generation === undefined) return firmware;
  return generation === 2 ? Firmware.UEFI : Firmware.BIOS;
}
