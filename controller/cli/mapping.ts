import { AscendError } from '../../proto/errors.ts';

/** "SRC=DST" pairs as an object; the first "=" parts them. @throws usage.invalid */
export function parseMapping(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0 && at < pair.length - 1) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new AscendError('usage.invalid', `"${pair}" is not a mapping.`, {
        hint: 'Write SRC=DST, e.g. --network "VM Network=default".',
      });
    }),
  );
}
