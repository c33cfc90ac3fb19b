/** GUIDs, MAC addresses and small numbers as Hyper-V's files write them. */

/** A GUID as all files are compared by it: lower case, no braces. Undefined for all zeros and for what is none. */
export function guidOf(text: string | undefined): string | undefined {
  const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text ?? '')?.[1]?.toLowerCase();
  return guid === undefined || /^[0-]+$/.test(guid) ? undefined : guid;
}

/** Lower case, colon separated. All zeros are no address: Hyper-V gives a dynamic one when the VM first starts. */
export function macOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 17) return undefined;
  const hex = text.replaceAll(/[-:.]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(hex) || hex === '000000000000') return undefined;
  return hex.replaceAll(/..(?=.)/g, '$&:');
}

/** 802.1Q: 0 and 4095 are reserved. */
export function vlanOf(value: bigint | undefined): number | undefined {
  return value !== undefined && value >= 1n && value <= 4094n ? Number(value) : undefined;
}

/** A controller's number or a place on it; undefined where it is more than any controller has. */
export function smallNumber(value: bigint | undefined): number | undefined {
  return value !== undefined && value <= 0xffffn ? Number(value) : undefined;
}

/** Microsoft's order: three little endian numbers, then bytes. */
export function guidOfBytes(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString('hex');
  const swapped = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');
  return `${swapped(0, 4)}-${swapped(4, 6)}-${swapped(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}
