/**
 * Words on a console that draws its characters as pixels: cells of 8 x 16, compared with the font of QEMU's own VGA
 * firmware, which is the IBM font that Linux draws with too. Other console fonts differ from it in a few characters:
 * those stay unread.
 */
import { readFile } from 'node:fs/promises';
import type { Picture } from './picture.ts';

const WIDTH = 8;
const HEIGHT = 16;
/** Of the character 1 in the 8 x 16 font; it stands 16 bytes behind the beginning. */
const SIGNATURE = Buffer.from('00007e81a58181bd9981817e00000000', 'hex');
const FONT_PLACES = ['/usr/share/seabios/vgabios-stdvga.bin', '/usr/share/qemu/vgabios-stdvga.bin'];
// An accent is more than three dots; the underline of a cursor and a slashed zero may be less.
const MOST_DOTS = 3;

export type Font = ReadonlyMap<string, string>;

/** Undefined where QEMU's VGA firmware is not where distributions keep it: text in pictures is then not read. */
export async function readFont(): Promise<Font | undefined> {
  for (const place of FONT_PLACES) {
    const rom = await readFile(place).catch(() => undefined);
    const font = rom && fontIn(rom);
    if (font) return font;
  }
  return undefined;
}

export function fontIn(rom: Buffer): Font | undefined {
  const start = rom.indexOf(SIGNATURE) - HEIGHT;
  if (start < 0 || start + 127 * HEIGHT > rom.length) return undefined;
  const font = new Map<string, string>();
  for (let code = 126; code >= 32; code -= 1) {
    const at = start + code * HEIGHT;
    font.set(rom.toString('latin1', at, at + HEIGHT), String.fromCharCode(code));
  }
  return font;
}

/** Lines of text; a cell that is no character of the font is U+FFFD. Blank lines are left out. */
export function textOf(picture: Picture, font: Font): string {
  const { width, height } = picture;
  const known = new Map<string, string>();
  const lines: string[] = [];
  for (let top = 0; top + HEIGHT <= height; top += HEIGHT) {
    let line = '';
    for (let left = 0; left + WIDTH <= width; left += WIDTH) {
      const cell = cellOf(picture, left, top);
      let character = known.get(cell);
      if (character === undefined) known.set(cell, (character = characterOf(cell, font)));
      line += character;
    }
    if (line.trim()) lines.push(line.trimEnd());
  }
  return lines.join('\n');
}

/** A byte a row, the leftmost dot in the highest bit. A dot is lit where any of its colours is. */
function cellOf({ width, pixels }: Picture, left: number, top: number): string {
  let cell = '';
  for (let y = top; y < top + HEIGHT; y += 1) {
    let row = 0;
    for (let at = (y * width + left) * 3, end = at + WIDTH * 3; at < end; at += 3) {
      const lit = Math.max(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0) > 0x40;
      row = (row << 1) | (lit ? 1 : 0);
    }
    cell += String.fromCharCode(row);
  }
  return cell;
}

function characterOf(cell: string, font: Font): string {
  const exact = font.get(cell);
  if (exact !== undefined) return exact;
  let [nearest, fewest] = ['\ufffd', MOST_DOTS + 1];
  for (const [glyph, character] of font) {
    const dots = difference(cell, glyph, fewest);
    if (dots < fewest) [nearest, fewest] = [character, dots];
  }
  return nearest;
}

function difference(a: string, b: string, enough: number): number {
  let dots = 0;
  for (let row = 0; row < HEIGHT && dots < enough; row += 1) {
    for (let bits = a.charCodeAt(row) ^ b.charCodeAt(row); bits !== 0; bits &= bits - 1) dots += 1;
  }
  return dots;
}
