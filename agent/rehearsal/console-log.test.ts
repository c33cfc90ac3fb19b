import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConsoleLog, plainText } from './console-log.ts';

it('takes control sequences out, and what overwrites a line becomes a line', () => {
  const text =
    '\u001b[0;1;39mgetty\u001b[0m\r\n\u001b]0;title\u0007ok\u001b[6n 10%\r20%\n\u001b(Bweb01 login: ';
  expect(plainText(text)).toBe('getty\nok 10%\n20%\nweb01 login: ');
});

it('keeps the beginning and the newest end of a console that never stops', async () => {
  const log = new ConsoleLog();
  const stream = new PassThrough();
  log.listen(stream as unknown as Socket);
  stream.write('first words\n');
  for (let at = 0; at < 100; at += 1) stream.write(Buffer.alloc(100_000, 0x2e));
  stream.end('\nlast words');
  await new Promise((resolve) => stream.once('end', resolve));
  expect(log.bytes.length).toBeLessThan(3 * 1024 * 1024);
  expect(log.text.startsWith('first words\n')).toBe(true);
  expect(log.text.endsWith('last words')).toBe(true);
});

it('makes text of anything, and never more than it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(plainText(text).length).toBeLessThanOrEqual(text.length);
      expect(plainText(`\u001b[${text}`)).toBeTypeOf('string');
    }),
    { numRuns: 100 },
  );
});
