/** Every Debian server of the tests, for tests that are about all of them. */
import { buildServer } from './debian.ts';
import { buildDebian12, web01, type Sample } from './debian12.ts';
import { servers } from './servers.ts';

export interface Guest {
  name: string;
  uefi: boolean;
  address: string;
  build: () => Promise<Sample>;
  /** The newest layer of each disk, in the backup. */
  disks: readonly string[];
  /** What becomes of it on KVM's hardware where nothing is fixed. */
  unfixed: { cause: string; message: RegExp };
}

export const guests: readonly Guest[] = [
  {
    name: web01.name,
    uefi: false,
    address: web01.address,
    build: () => buildDebian12(),
    disks: [web01.increment.file],
    unfixed: {
      cause: 'root-missing',
      message:
        /did not find the root disk \(\/dev\/sda1\)\. The cause: the initramfs of kernel 6\.\S+ lacks a driver for virtio-blk: virtio_pci, virtio_blk\./,
    },
  },
  ...Object.values(servers).map((server) => ({
    ...server,
    build: () => buildServer(server),
    disks: server.disks.map(({ file }) => file),
  })),
];

/** What holds the drivers of the target: they were there, or the fix that added them. */
export type DriversFrom = 'proof' | 'segment' | 'rebuild';

export function driversFrom(fixes: readonly string[]): DriversFrom {
  if (fixes.some((name) => name.includes('rebuild'))) return 'rebuild';
  return fixes.includes('linux.driver-segment') ? 'segment' : 'proof';
}
