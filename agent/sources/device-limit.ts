/** How many disks and NICs a machine can have: what has more is damaged or made to harm. */
import { AscendError } from '../../proto/errors.ts';

// vSphere allows 256 disks and 10 NICs, Hyper-V 260 and 68, libvirt some 700 disks. Finding the files of 20,000 took 17 s.
export const MAX_DEVICES = 1024;

/** @throws source.invalid where there are more. `of`: the machine. */
export function requireFewDevices(devices: readonly unknown[], of: string, file: string): void {
  if (devices.length <= MAX_DEVICES) return;
  throw new AscendError(
    'source.invalid',
    `${of.slice(0, 100) || 'A machine'} in ${file} has more than ${MAX_DEVICES} disks or network adapters, which no platform allows.`,
    { context: { file }, hint: 'Export the metadata again; the file may have been damaged.' },
  );
}
