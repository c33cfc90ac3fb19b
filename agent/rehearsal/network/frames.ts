/**
 * The few kinds of Ethernet frames that a rehearsal reads and writes. What a guest sends is anything: every field is
 * read within the frame's bounds, and what does not fit is not seen.
 * Sources: RFC 826 (ARP), 791 (IPv4), 792 (ICMP), 768 (UDP), 9293 (TCP), 1071 (checksum).
 */

export const BROADCAST = Buffer.alloc(6, 0xff);

export interface Frame {
  to: Buffer;
  from: Buffer;
  etherType: number;
  payload: Buffer;
}

export interface Arp {
  operation: 'request' | 'reply';
  senderMac: Buffer;
  sender: string;
  target: string;
}

export interface Ipv4 {
  from: string;
  to: string;
  protocol: number;
  payload: Buffer;
}

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;
export const TCP_FLAGS = { syn: 0x02, rst: 0x04, ack: 0x10 } as const;

export function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 14) return undefined;
  const [to, from] = [bytes.subarray(0, 6), bytes.subarray(6, 12)];
  return { to, from, etherType: bytes.readUInt16BE(12), payload: bytes.subarray(14) };
}

export function writeFrame({ to, from, etherType, payload }: Frame): Buffer {
  const head = Buffer.concat([to, from, uint16(etherType)]);
  // 60 bytes without the checksum, which QEMU's devices add and take off: shorter ones are runts to some drivers.
  const padding = Buffer.alloc(Math.max(0, 60 - head.length - payload.length));
  return Buffer.concat([head, payload, padding]);
}

export function readArp(payload: Buffer): Arp | undefined {
  if (payload.length < 28 || payload.readUInt32BE(0) !== 0x00010800 || payload.readUInt16BE(4) !== 0x0604)
    return undefined;
  const operation = ({ 1: 'request', 2: 'reply' } as const)[payload.readUInt16BE(6)];
  if (!operation) return undefined;
  return {
    operation,
    senderMac: payload.subarray(8, 14),
    sender: address(payload, 14),
    target: address(payload, 24),
  };
}

export function writeArp({ operation, senderMac, sender, target }: Arp, targetMac: Buffer): Buffer {
  const head = Buffer.from([0, 1, 8, 0, 6, 4, 0, operation === 'request' ? 1 : 2]);
  return Buffer.concat([head, senderMac, octets(sender), targetMac, octets(target)]);
}

/** Fragments have no place here: nothing that a rehearsal reads comes in them. */
export function readIpv4(payload: Buffer): Ipv4 | undefined {
  if (payload.length < 20 || payload.readUInt8(0) >> 4 !== 4) return undefined;
  const headBytes = (payload.readUInt8(0) & 15) * 4;
  const totalBytes = payload.readUInt16BE(2);
  if (headBytes < 20 || totalBytes < headBytes || totalBytes > payload.length) return undefined;
  if ((payload.readUInt16BE(6) & 0x3fff) !== 0) return undefined;
  return {
    from: address(payload, 12),
    to: address(payload, 16),
    protocol: payload.readUInt8(9),
    payload: payload.subarray(headBytes, totalBytes),
  };
}

export function writeIpv4({ from, to, protocol, payload }: Ipv4): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(20 + payload.length, 2);
  head.writeUInt8(64, 8);
  head.writeUInt8(protocol, 9);
  octets(from).copy(head, 12);
  octets(to).copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, payload]);
}

export function writeEcho(type: 'request' | 'reply', rest: Buffer): Buffer {
  const packet = Buffer.concat([Buffer.from([type === 'request' ? 8 : 0, 0, 0, 0]), rest]);
  packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

export interface Datagram {
  fromPort: number;
  toPort: number;
  payload: Buffer;
}

export function readUdp(payload: Buffer): Datagram | undefined {
  if (payload.length < 8) return undefined;
  return {
    fromPort: payload.readUInt16BE(0),
    toPort: payload.readUInt16BE(2),
    payload: payload.subarray(8),
  };
}

/** Without a checksum, which IPv4 leaves to the sender. */
export function writeUdp({ fromPort, toPort, payload }: Datagram): Buffer {
  const head = Buffer.concat([uint16(fromPort), uint16(toPort), uint16(8 + payload.length), uint16(0)]);
  return Buffer.concat([head, payload]);
}

export interface TcpSegment {
  fromPort: number;
  toPort: number;
  sequence: number;
  acknowledged: number;
  flags: number;
}

export function readTcp(payload: Buffer): TcpSegment | undefined {
  if (payload.length < 20) return undefined;
  return {
    fromPort: payload.readUInt16BE(0),
    toPort: payload.readUInt16BE(2),
    sequence: payload.readUInt32BE(4),
    acknowledged: payload.readUInt32BE(8),
    flags: payload.readUInt8(13),
  };
}

export function writeTcp(segment: TcpSegment, from: string, to: string): Buffer {
  const packet = Buffer.alloc(20);
  packet.writeUInt16BE(segment.fromPort, 0);
  packet.writeUInt16BE(segment.toPort, 2);
  packet.writeUInt32BE(segment.sequence >>> 0, 4);
  packet.writeUInt32BE(segment.acknowledged >>> 0, 8);
  packet.writeUInt8(5 << 4, 12);
  packet.writeUInt8(segment.flags, 13);
  packet.writeUInt16BE(64240, 14);
  const pseudo = [octets(from), octets(to), uint16(PROTOCOL.tcp), uint16(packet.length)];
  packet.writeUInt16BE(checksum(Buffer.concat([...pseudo, packet])), 16);
  return packet;
}

export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : bytes.readUInt8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

function uint16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

export function address(bytes: Buffer, at: number): string {
  return [0, 1, 2, 3].map((index) => bytes.readUInt8(at + index)).join('.');
}

export function octets(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}
