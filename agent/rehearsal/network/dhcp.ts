/** Just enough of a DHCP server for one guest on one wire. Source: RFC 2131, 2132. */
import { octets } from './frames.ts';

export interface DhcpRequest {
  kind: 'discover' | 'request';
  /** The first 44 bytes and the client's hardware address, which an answer repeats. */
  head: Buffer;
}

export interface Lease {
  address: string;
  /** Of the server, the gateway and the name server, which are one here. */
  server: string;
}

const COOKIE = Buffer.from([0x63, 0x82, 0x53, 0x63]);
const FIXED_BYTES = 236;
const OPTION = { mask: 1, router: 3, dns: 6, leaseSeconds: 51, type: 53, server: 54, end: 255 } as const;

export function readDhcp(payload: Buffer): DhcpRequest | undefined {
  if (payload.length < FIXED_BYTES + 4 || payload.readUInt8(0) !== 1) return undefined;
  if (!payload.subarray(FIXED_BYTES, FIXED_BYTES + 4).equals(COOKIE)) return undefined;
  const type = optionOf(payload, OPTION.type);
  const kind = type === 1 ? 'discover' : type === 3 ? 'request' : undefined;
  return kind && { kind, head: payload.subarray(0, 44) };
}

/** First byte of an option. */
function optionOf(payload: Buffer, wanted: number): number | undefined {
  for (let at = FIXED_BYTES + 4; at + 2 < payload.length;) {
    const code = payload.readUInt8(at);
    if (code === OPTION.end) return undefined;
    if (code === wanted) return payload.readUInt8(at + 2);
    at += code === 0 ? 1 : 2 + payload.readUInt8(at + 1);
  }
  return undefined;
}

export function writeDhcp({ kind, head }: DhcpRequest, { address, server }: Lease): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  head.copy(fixed);
  fixed.writeUInt8(2, 0);
  // What the client said of its own address has no place in an answer.
  fixed.fill(0, 12, 28);
  octets(address).copy(fixed, 16);
  octets(server).copy(fixed, 20);
  const at = octets(server);
  const option = (code: number, value: Buffer) => Buffer.concat([Buffer.from([code, value.length]), value]);
  return Buffer.concat([
    fixed,
    COOKIE,
    option(OPTION.type, Buffer.from([kind === 'discover' ? 2 : 5])),
    option(OPTION.server, at),
    option(OPTION.leaseSeconds, Buffer.from([0, 0, 0x0e, 0x10])),
    option(OPTION.mask, Buffer.from([255, 255, 255, 0])),
    option(OPTION.router, at),
    option(OPTION.dns, at),
    Buffer.from([OPTION.end]),
  ]);
}
