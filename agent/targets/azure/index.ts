/** Destination Microsoft Azure: Hyper-V underneath, reached by network and serial console alone. */
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

export type AzureOptions = z.infer<typeof options>;

export const azure: Destination<AzureOptions> = {
  kind: 'azure',
  title: 'Microsoft Azure',
  options,
  requirements: (machine, chosen) => ({
    firmware: firmwareOf(machine, chosen),
    storage: 'storvsc',
    network: 'netvsc',
    serialConsole: 'ttyS0',
    // Microsoft Learn, "Prepare Linux for imaging in Azure".
    kernelArguments: ['rootdelay=300', 'earlyprintk=ttyS0,115200', 'net.ifnames=0'],
    guestAgent: 'azure-agent',
    cloud: 'azure',
    nics: nicsOf(machine).map((nic) => ({ ...nic, addressing: 'dhcp' })),
    supplies: {},
  }),
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

function firmwareOf({ firmware }: Machine, { generation }: AzureOptions): Firmware {
  if (generation === undefined) return firmware;
  return generation === 2 ? Firmware.UEFI : Firmware.BIOS;
}
