/** Destination Microsoft Hyper-V: generation 1 starts by BIOS from IDE, generation 2 by UEFI from SCSI. */
import { firmwareOf, generationOptions, nearestHardware, type GenerationOptions } from '../generation.ts';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

export const hyperv: Destination<GenerationOptions> = {
  kind: 'hyperv',
  title: 'Microsoft Hyper-V',
  options: generationOptions,
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
  hardware: nearestHardware,
};
