/** GUIDs as Hyper-V's files write them. */

/** A GUID as all files are compared by it: lower case, no braces. Undefined for all zeros and for what is none. */
export function guidOf(text: string | undefined): string | undefined {
  const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text ?? '')?.[1]?.toLowerCase();
  return guid === undefined || /^[0-]+$/.test(guid) ? undefined : guid;
}

/** Microsoft's order: three little endian numbers, then bytes. */
export function guidOfBytes(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString('hex');
  const swapped = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');
  return `${swapped(0, 4)}-${swapped(4, 6)}-${swapped(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}
