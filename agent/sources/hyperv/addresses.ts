/** IP addresses as a guest reported them. */
import { addressWith } from '../addresses.ts';

/** A list, or one text with spaces between them; undefined where there is none. With their masks where those are known. */
export function addressesOf(
  texts: readonly (string | undefined)[],
  masks: readonly (string | undefined)[] = [],
): string[] | undefined {
  const addresses = texts.flatMap((text, index) =>
    (text ?? '').split(/\s/).flatMap((address) => addressWith(address, masks[index]) ?? []),
  );
  return addresses.length > 0 ? addresses : undefined;
}
