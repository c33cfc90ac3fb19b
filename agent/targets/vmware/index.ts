/** Destination VMware vSphere. */
import { z } from 'zod';
import type { StorageController } from '../../guests/requirements.ts';
import { asFirmwareStarts, type TwinDisk } from '../../rehearsal/hardware.ts';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

const options = z.strictObject({
  controller: z.enum(['pvscsi', 'lsi-sas', 'nvme']).default('pvscsi').describe('Controller of the disks.'),
  nic: z.enum(['vmxnet3', 'e1000e']).default('vmxnet3').describe('Model of the network cards.'),
});

export type VmwareOptions = z.infer<typeof options>;

export const vmware: Destination<VmwareOptions> = {
  kind: 'vmware',
  title: 'VMware vSphere',
  options,
  requirements: (machine, { controller, nic }) => ({
    firmware: machine.firmware,
    storage: controller satisfies StorageController,
    network: nic,
    // ESXi shows a serial port only where somebody has set one up.
    serialConsole: undefined,
    kernelArguments: [],
    guestAgent: 'vmware-tools',
    cloud: undefined,
    nics: nicsOf(machine),
    supplies: {},
  }),
  hardware: ({ firmware, secureBoot = false, tpm = false }, { controller, nic }) =>
    asFirmwareStarts({
      firmware,
      secureBoot,
      tpm,
      disk: controller satisfies TwinDisk,
      nic,
      sameStorage: true,
      sameNetwork: true,
    }),
};
