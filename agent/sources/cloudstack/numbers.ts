/** Numbers that fit what a machine holds; anything else is as good as absent. */

// 2^64 bytes: the wire's uint64.
const MAX_BYTES = 1n << 64n;

/** 0 up to 9 digits, so that it fits 32 bits. */
export function smallNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** As `smallNumber`, from 1. */
export function countOf(text: string | undefined): number | undefined {
  const count = smallNumber(text);
  return count === 0 ? undefined : count;
}

/** Nothing that a machine has is of 0 bytes. */
export function bytesOf(amount: bigint | undefined, unitBytes = 1n): bigint | undefined {
  const bytes = amount === undefined ? undefined : amount * unitBytes;
  return bytes !== undefined && bytes > 0n && bytes < MAX_BYTES ? bytes : undefined;
}

/** IEEE 802.1Q, 9.6: 0 and 4095 are no VLANs. */
export function vlanOf(text: string | undefined): number | undefined {
  const vlan = smallNumber(text);
  return vlan !== undefined && vlan >= 1 && vlan <= 4094 ? vlan : undefined;
}
