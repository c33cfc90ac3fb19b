import { z } from 'zod';

/**
 * Where machines go on this host. Only a libvirt of this host is taken: the agent writes the disks itself.
 */
export const kvmOptions = z.strictObject({
  uri: z
    .string()
    .regex(
      /^qemu(\+unix)?:\/\/\/(system|session)(\?socket=\/[^&?#]+)?$/,
      'must be a libvirt on this host, e.g. qemu:///system',
    )
    .default('qemu:///system')
    .describe('Connection URI of libvirt.'),
  pool: z.string().min(1).default('default').describe('Storage pool for the disks.'),
  network: z.string().min(1).optional().describe('Network for every NIC whose own network is not mapped.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Read every written disk back and compare it with its source before the machine is started.'),
  consoleLogDir: z
    .string()
    .startsWith('/')
    .default('/var/log/libvirt/qemu')
    .describe('Where libvirt logs serial consoles, which the health check reads.'),
});

export type KvmOptions = z.infer<typeof kvmOptions>;
