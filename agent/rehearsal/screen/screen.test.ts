/** Pictures and text memory drawn by hand, as QEMU hands them out. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../../proto/errors.ts';
import { fontIn, readFont, textOf, type Font } from './glyphs.ts';
import { lookOf } from './look.ts';
import { readPpm, type Picture } from './picture.ts';
import { textModeText } from './text-mode.ts';

type Colour = readonly [number, number, number];
const BLACK: Colour = [0, 0, 0];
const GREY: Colour = [0xaa, 0xaa, 0xaa];
const WHITE: Colour = [255, 255, 255];
const STOP: Colour = [0x00, 0x78, 0xd7];

function filled(width: number, height: number, colour: Colour): Picture {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(colour, at);
  return { width, height, pixels };
}

function box(
  picture: Picture,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  for (let y = top; y < top + height; y += 1)
    for (let x = left; x < left + width; x += 1) picture.pixels.set(colour, (y * picture.width + x) * 3);
}

it('reads text mode from its memory, wherever in the window the screen begins', () => {
  const memory = Buffer.alloc(32 * 1024);
  const put = (row: number, text: string) =>
    [...Buffer.from(text, 'latin1')].forEach((byte, column) => {
      memory[row * 160 + column * 2] = byte;
      memory[row * 160 + column * 2 + 1] = 0x07;
    });
  put(0, 'ALERT!  /dev/sda1 does not exist.  Dropping to a shell!');
  put(120, `\xc4\xc4 (initramfs)`);
  expect(textModeText(memory)).toBe(
    'ALERT!  /dev/sda1 does not exist.  Dropping to a shell!\n   (initramfs)',
  );
});

it('reads a PPM, and no other', () => {
  const ppm = Buffer.concat([Buffer.from('P6\n2 1\n255\n'), Buffer.from([1, 2, 3, 4, 5, 6])]);
  expect(readPpm(ppm)).toMatchObject({ width: 2, height: 1 });
  for (const bad of ['', 'P5\n2 1\n255\nxx', 'P6\n2 1\n255\nxxxxx', 'P6\n99999 99999\n255\n'])
    expect(() => readPpm(Buffer.from(bad))).toThrow(AscendError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        readPpm(Buffer.concat([Buffer.from('P6\n'), bytes]));
      } catch (error) {
        expect(error).toBeInstanceOf(AscendError);
      }
    }),
    { numRuns: 100 },
  );
});

it.each<[string, Picture, string]>([
  ['a black screen', filled(640, 480, BLACK), 'black'],
  ['a picture', gradient(), 'picture'],
])('tells %s', (_name, picture, look) => {
  expect(lookOf(picture)).toBe(look);
});

function gradient(): Picture {
  const picture = filled(640, 480, BLACK);
  picture.pixels.forEach((_byte, at) => (picture.pixels[at] = (at * 7) & 255));
  return picture;
}

it('tells a stop screen of Windows from "Getting ready" on the same blue', () => {
  const stop = filled(1024, 768, STOP);
  box(stop, 100, 150, 120, 120, WHITE);
  box(stop, 100, 350, 600, 60, WHITE);
  expect(lookOf(stop)).toBe('stop-screen');
  const ready = filled(1024, 768, STOP);
  box(ready, 480, 380, 60, 12, WHITE);
  expect(lookOf(ready)).not.toBe('stop-screen');
});

/** A ROM with a font in which every character is its own code in dots. */
function romOf(): Buffer {
  const rom = Buffer.alloc(20_000, 0x55);
  const start = 777;
  rom.fill(0, start, start + 256 * 16);
  for (let code = 33; code < 127; code += 1)
    for (let row = 2; row < 14; row += 1) rom[start + code * 16 + row] = (code * row * 37) & 0xff;
  Buffer.from('00007e81a58181bd9981817e00000000', 'hex').copy(rom, start + 16);
  return rom;
}

function drawn(lines: readonly string[], font: Font, width = 640, height = 480): Picture {
  const glyphs = new Map([...font].map(([glyph, character]) => [character, glyph]));
  const picture = filled(width, height, BLACK);
  lines.forEach((line, row) =>
    line.split('').forEach((character, column) => {
      const glyph = glyphs.get(character) ?? '\xff'.repeat(16);
      for (let y = 0; y < 16; y += 1)
        for (let x = 0; x < 8; x += 1)
          if ((glyph.charCodeAt(y) >> (7 - x)) & 1) box(picture, column * 8 + x, row * 16 + y, 1, 1, GREY);
    }),
  );
  return picture;
}

it('reads words that are drawn as pixels, and says what it cannot read', () => {
  const font = fontIn(romOf())!;
  const picture = drawn(['Debian GNU/Linux 12 web01 tty1', '', 'web01 login: \u00fc'], font);
  expect(textOf(picture, font)).toBe('Debian GNU/Linux 12 web01 tty1\nweb01 login: \ufffd');
  expect(lookOf(picture)).toBe('text');
});

it('reads through a dot too many', () => {
  const font = fontIn(romOf())!;
  const picture = drawn(['login:'], font);
  box(picture, 3, 15, 2, 1, GREY);
  expect(textOf(picture, font)).toBe('login:');
});

it('finds the font in the VGA firmware of this host, and none in anything else', async () => {
  const font = (await readFont())!;
  expect(textOf(drawn(['web01 login: '], font), font)).toBe('web01 login:');
  expect(fontIn(Buffer.alloc(100_000))).toBeUndefined();
  expect(fontIn(romOf().subarray(0, 900))).toBeUndefined();
});
