/** What a screen looks like, by its colours alone: words are read elsewhere. */
import type { Picture } from './picture.ts';

/**
 * black: nothing lit; stop-screen: one of Windows' blues, and almost nothing else but white; text: few colours on a
 * dark ground; picture: anything else, such as a desktop or a logon screen.
 */
export type ScreenLook = 'black' | 'stop-screen' | 'text' | 'picture';

type Colour = readonly [red: number, green: number, blue: number];

// The background of stop screens: Windows 10 and 11, two of Windows 8 and Server 2012, Windows 7 and before (two modes).
const STOP_BLUES: readonly Colour[] = [
  [0x00, 0x78, 0xd7],
  [0x10, 0x70, 0xaa],
  [0x11, 0x73, 0xaa],
  [0x00, 0x00, 0x80],
  [0x00, 0x00, 0xaa],
];

// Every pixel of 1280 x 800 takes 20 ms, one in seven 3 ms, with the same shares.
const STEP = 7;

export function lookOf({ pixels }: Picture): ScreenLook {
  const counts = new Map<number, number>();
  let samples = 0;
  for (let at = 0; at + 2 < pixels.length; at += 3 * STEP) {
    // Five bits a channel: shades of the same colour count as one.
    const key = bucket(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    samples += 1;
  }
  const share = (colour: Colour) => (counts.get(bucket(...colour)) ?? 0) / samples;
  const black = share([0, 0, 0]);
  if (counts.size <= 1 && black === 1) return 'black';
  const blue = Math.max(...STOP_BLUES.map(share));
  // Words, a face and a QR code take some 3 % of a stop screen; "Getting ready" has hardly any white on the same blue.
  const white = share([255, 255, 255]);
  if (blue > 0.75 && white > 0.015 && blue + white > 0.85) return 'stop-screen';
  return black > 0.5 && counts.size <= 32 ? 'text' : 'picture';
}

function bucket(red: number, green: number, blue: number): number {
  return ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
}
