/** IP addresses as a guest reported them. */
import { isIP } from 'node:net';

/** A list, or one text with spaces between them; undefined where there is none. With their masks where those are known. */
export function addressesOf(
  texts: readonly (string | undefined)[],
  masks: readonly (string | undefined)[] = [],
): string[] | undefined {
  const addresses = texts
    .flatMap((text, index) => (text ?? '').split(/\s/).map((address) => ({ address, mask: masks[index] })))
    .filter(({ address }) => isIP(address) !== 0)
    .map(({ address, mask }) => {
      const prefix = prefixOf(mask, isIP(address) === 4 ? 32 : 128);
      return prefix === undefined ? address : `${address}/${prefix}`;
    });
  return addresses.length > 0 ? addresses : undefined;
}

/** `255.255.255.0`, `24` or `/24`. */
function prefixOf(mask: string | undefined, most: number): number | undefined {
  if (mask === undefined) return undefined;
  const length = /^\/?(\d{1,3})$/.exec(mask)?.[1];
  if (length !== undefined) return Number(length) <= most ? Number(length) : undefined;
  if (isIP(mask) !== 4) return undefined;
  const bits = mask
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
