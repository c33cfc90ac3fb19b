/** A picture as a twin's screen gives it: PNG (W3C PNG, third edition), grey, with rows of what looks like words. */
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 720;
const HEIGHT = 400;

export function screenPicture(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // Eight bits a pixel, colour type 0: grey.
  header[8] = 8;
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) rows[y * (WIDTH + 1) + 1 + x] = isInk(x, y) ? 170 : 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

/** Cells of 9 x 16 that are filled by their number, in lines of different length. */
function isInk(x: number, y: number): boolean {
  const [column, line] = [Math.floor(x / 9), Math.floor(y / 16)];
  const isWord = column < 12 + ((line * 37) % 60) && (column * 7 + line) % 6 !== 0;
  return isWord && line < 20 && x % 9 < 7 && y % 16 > 3 && y % 16 < 13 && (x * y + column) % 3 !== 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
