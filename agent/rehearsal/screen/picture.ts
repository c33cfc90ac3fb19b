/** A picture as QEMU dumps it. Source: ppm(5), "P6". */
import { AscendError } from '../../../proto/errors.ts';

export interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel: red, green, blue. */
  pixels: Buffer;
}

// QEMU's standard VGA has 16 MiB of memory, four bytes a pixel; the guest chooses within that.
const MAX_SIDE = 8192;

/** @throws host.command-failed for what is no PPM with 255 shades */
export function readPpm(bytes: Buffer): Picture {
  const head = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(bytes.toString('latin1', 0, 32));
  const [width, height] = [Number(head?.[1]), Number(head?.[2])];
  const pixels = bytes.subarray(head?.[0].length ?? 0);
  if (!head || width > MAX_SIDE || height > MAX_SIDE || pixels.length !== width * height * 3)
    throw new AscendError('host.command-failed', "QEMU's picture of the screen cannot be read.");
  return { width, height, pixels };
}
