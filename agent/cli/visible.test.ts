import { expect, it } from 'vitest';
import { visible } from './visible.ts';

it.each([
  ['clears the screen', 'a\x1b[2Jb', String.raw`a\u{1b}[2Jb`],
  ['goes back to the start of the line', 'ok\rno', String.raw`ok\u{d}no`],
  ['turns the reading direction', 'gpj.\u202eexe', String.raw`gpj.\u{202e}exe`],
  ['hides itself', 'ro\u200bot', String.raw`ro\u{200b}ot`],
])('spells out what %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});

it('leaves names of every script and new lines as they are', () => {
  expect(visible('Ubuntu 64 位\nöäü — 안녕')).toBe('Ubuntu 64 位\nöäü — 안녕');
});
