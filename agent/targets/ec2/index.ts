/** Destination AWS EC2: Nitro instances see NVMe disks and ENA cards, older ones Xen's. */
import { z } from 'zod';
import { nicsOf } from '../nics.ts';
import type { Destination } from '../target.ts';

const options = z.strictObject({
  hypervisor: z.enum(['nitro', 'xen']).default('nitro').describe('What the instance type runs on.'),
});

export type Ec2Options = z.infer<typeof options>;

export const ec2: Destination<Ec2Options> = {
  kind: 'ec2',
  title: 'AWS EC2',
  options,
  requirements: (machine, { hypervisor }) => ({
    firmware: machine.firmware,
    storage: hypervisor === 'nitro' ? 'nvme' : 'xen-blk',
    network: hypervisor === 'nitro' ? 'ena' : 'xen-net',
    serialConsole: 'ttyS0',
    // EBS may be away for longer than the 30 s after which the driver gives up (AWS EC2 User Guide, "NVMe").
    kernelArguments: hypervisor === 'nitro' ? ['nvme_core.io_timeout=4294967295'] : [],
    guestAgent: 'ssm-agent',
    cloud: 'ec2',
    // EC2 gives every network interface a MAC address of its own, and the address with it.
    nics: nicsOf(machine).map((nic) => ({ ...nic, addressing: 'dhcp' })),
    supplies: {},
  }),
  hardware: ({ firmware, secureBoot = false, tpm = false }, { hypervisor }) => ({
    firmware,
    secureBoot,
    tpm,
    disk: hypervisor === 'nitro' ? 'nvme' : 'ide',
    nic: 'e1000e',
    sameStorage: hypervisor === 'nitro',
    sameNetwork: false,
  }),
};
