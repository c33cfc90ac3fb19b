/** Destination Apache CloudStack on KVM. */
import { z } from 'zod';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

const options = z.strictObject({
  rootDiskController: z
    .enum(['virtio-blk', 'virtio-scsi'])
    .default('virtio-blk')
    .describe("CloudStack's rootDiskController: virtio or scsi."),
});

export type CloudStackOptions = z.infer<typeof options>;

export const cloudstack: Destination<CloudStackOptions> = {
  kind: 'cloudstack',
  title: 'Apache CloudStack (KVM)',
  options,
  requirements: (machine, { rootDiskController }) => ({
    firmware: machine.firmware,
    storage: rootDiskController,
    network: 'virtio-net',
    serialConsole: 'ttyS0',
    kernelArguments: [],
    guestAgent: 'qemu-guest-agent',
    cloud: undefined,
    nics: nicsOf(machine),
    supplies: {},
  }),
  hardware: ({ firmware, secureBoot = false, tpm = false }, { rootDiskController }) => ({
    firmware,
    secureBoot,
    tpm,
    disk: rootDiskController,
    nic: 'virtio-net',
    sameStorage: true,
    sameNetwork: true,
  }),
};
