/** Destination Microsoft Azure: Hyper-V underneath, reached by network and serial console alone. */
import { firmwareOf, generationOptions, nearestHardware, type GenerationOptions } from '../generation.ts';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

export const azure: Destination<GenerationOptions> = {
  kind: 'azure',
  title: 'Microsoft Azure',
  options: generationOptions,
  requirements: (machine, chosen) => ({
    firmware: firmwareOf(machine, chosen),
    storage: 'storvsc',
    network: 'netvsc',
    serialConsole: 'ttyS0',
    // Microsoft Learn, "Prepare Linux for imaging in Azure", but for its rootdelay=300: initramfs-tools sleeps all of that at
    // each start, and every initramfs waits for its root by itself.
    kernelArguments: ['earlyprintk=ttyS0,115200', 'net.ifnames=0'],
    guestAgent: 'azure-agent',
    cloud: 'azure',
    nics: nicsOf(machine).map((nic) => ({ ...nic, addressing: 'dhcp' })),
    supplies: {},
  }),
  hardware: nearestHardware,
};
