/** Numbers that fit what a machine holds on the wire; anything else is as good as absent. */

const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Digits and nothing else; more than 20 are no 64-bit number. */
export function wholeOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

/** A number of a bus or a place on one: 0 up to what 32 bits hold. */
export function numberOf(whole: bigint | undefined): number | undefined {
  return whole !== undefined && whole >= 0n && whole <= MAX_UINT32 ? Number(whole) : undefined;
}

/** As `numberOf`, from 1: a machine without a processor is none. */
export function countOf(whole: bigint | undefined): number | undefined {
  return whole === 0n ? undefined : numberOf(whole);
}

/** Bytes of `amount` units, from 1: nothing that a machine has is of 0 bytes. */
export function bytesOf(amount: bigint | undefined, unitBytes = 1n): bigint | undefined {
  const bytes = amount === undefined ? undefined : amount * unitBytes;
  return bytes !== undefined && bytes > 0n && bytes <= MAX_UINT64 ? bytes : undefined;
}

/** IEEE 802.1Q, 9.6: 0 and 4095 are no VLANs. */
export function vlanOf(whole: bigint | undefined): number | undefined {
  return whole !== undefined && whole >= 1n && whole <= 4094n ? Number(whole) : undefined;
}
