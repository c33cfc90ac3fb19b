/** IP addresses of NICs: an address alone, or with the length of its network's prefix. */
import { isIP } from 'node:net';
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

/** "10.0.0.5" or "10.0.0.5/24"; undefined where it is no address, or one that has a zone. `mask`: as for `prefixOf`. */
export function addressWith(
  address: string | undefined,
  mask?: string | number | bigint,
): string | undefined {
  const version = address === undefined || address.includes('%') ? 0 : isIP(address);
  if (address === undefined || version === 0) return undefined;
  const prefix = prefixOf(mask, version === 4 ? 32 : 128);
  return prefix === undefined ? address : `${address}/${prefix}`;
}

/** What to say of text that stands where an address should be; nothing where it is one. */
export function addressFindings(nic: string, text: string | undefined, file: string): Finding[] {
  if (text === undefined || addressWith(text) !== undefined) return [];
  const message = `${file} gives ${nic} the address ${JSON.stringify(text.slice(0, 60))}, which is no IP address; it is left out.`;
  return [warn('nic.address-invalid', nic, message, 'Check the addresses of the guest after the restore.')];
}

/** Bits of `255.255.255.0`, `24` or `/24`; undefined where it is none, or more than `most`. */
function prefixOf(mask: string | number | bigint | undefined, most: number): number | undefined {
  const text = String(mask ?? '').slice(0, 20);
  const length = /^\/?(\d{1,3})$/.exec(text)?.[1];
  if (length !== undefined) return Number(length) <= most ? Number(length) : undefined;
  if (isIP(text) !== 4) return undefined;
  const bits = text
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
