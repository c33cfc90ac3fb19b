/**
 * The whole network of one NIC of a guest, in this process: whoever the guest looks for is there and has nothing to say;
 * who it is itself is found out by asking. Frames in, frames out: no route leads anywhere.
 */
import { isIPv4 } from 'node:net';
import { readDhcp, writeDhcp } from './dhcp.ts';
import {
  address,
  BROADCAST,
  ETHERTYPE,
  octets,
  PROTOCOL,
  readArp,
  readFrame,
  readIpv4,
  readTcp,
  readUdp,
  TCP_FLAGS,
  writeArp,
  writeEcho,
  writeFrame,
  writeIpv4,
  writeTcp,
  writeUdp,
  type Arp,
  type Ipv4,
} from './frames.ts';

export interface PeerOptions {
  /** IPv4 addresses that the guest may have; asked for until it answers. */
  expected: readonly string[];
  /** Ports to try on every address that answers. */
  ports: readonly number[];
  /** Tells the wires apart. */
  index: number;
}

// A hostile guest claims addresses without end; 64 are more than any NIC has.
const MOST_ADDRESSES = 64;
const PING_IDENTIFIER = 0x4153;
const OWN_PORT = 40_000;

export class Peer {
  readonly #mac: Buffer;
  readonly #expected: readonly string[];
  readonly #ports: readonly number[];
  readonly #lease: { address: string; server: string };
  /** Address of the guest -> its MAC address, once it has answered. */
  readonly #answering = new Map<string, Buffer>();
  readonly #send: (frame: Buffer) => void;
  frames = 0;
  readonly seen = new Set<string>();
  readonly leased = new Set<string>();
  readonly pinged = new Set<string>();
  readonly accepting = new Set<string>();

  constructor({ expected, ports, index }: PeerOptions, send: (frame: Buffer) => void) {
    // Locally administered, and no hypervisor's.
    this.#mac = Buffer.from([0x02, 0xa5, 0xce, 0x4d, 0x00, index & 0xff]);
    this.#expected = expected.filter((text) => isIPv4(text)).slice(0, MOST_ADDRESSES);
    this.#ports = ports;
    // TEST-NET-2 of RFC 5737: no guest has it of its own.
    this.#lease = { address: `198.51.100.${10 + index}`, server: '198.51.100.1' };
    this.#send = send;
  }

  get answering(): string[] {
    return [...this.#answering.keys()];
  }

  /** Asks again for everything that has not answered yet. */
  probe(): void {
    for (const target of new Set([...this.#expected, ...this.leased, ...this.seen]))
      if (!this.#answering.has(target)) this.#askFor(target);
    for (const [target, mac] of this.#answering) {
      if (!this.pinged.has(target)) this.#ping(target, mac);
      for (const port of this.#ports) {
        if (!this.accepting.has(`${target}:${port}`)) this.#knock(target, mac, port);
      }
    }
  }

  take(bytes: Buffer): void {
    const frame = readFrame(bytes);
    if (!frame || frame.from.equals(this.#mac)) return;
    this.frames += 1;
    if (frame.etherType === ETHERTYPE.arp) {
      const arp = readArp(frame.payload);
      if (arp) this.#takeArp(arp);
    } else if (frame.etherType === ETHERTYPE.ipv4) {
      const packet = readIpv4(frame.payload);
      if (packet) this.#takePacket(packet, frame.from);
    }
  }

  #takeArp(arp: Arp): void {
    const { sender, target, operation } = arp;
    if (operation === 'reply') {
      if (this.#answering.size < MOST_ADDRESSES) this.#answering.set(sender, Buffer.from(arp.senderMac));
      this.#see(sender);
      return;
    }
    this.#see(sender);
    // 0.0.0.0 asks whether an address is free, and an address that asks for itself announces it (RFC 5227): an answer
    // would be a conflict.
    if (sender === '0.0.0.0' || sender === target || this.#isGuests(target)) return;
    this.#emit(ETHERTYPE.arp, arp.senderMac, this.#arp('reply', target, sender, arp.senderMac));
  }

  #isGuests(text: string): boolean {
    return this.seen.has(text) || this.leased.has(text) || this.#expected.includes(text);
  }

  #see(text: string): void {
    if (text !== '0.0.0.0' && this.seen.size < MOST_ADDRESSES) this.seen.add(text);
  }

  #takePacket(packet: Ipv4, mac: Buffer): void {
    if (packet.protocol === PROTOCOL.icmp) this.#takeIcmp(packet, mac);
    else if (packet.protocol === PROTOCOL.udp) this.#takeUdp(packet, mac);
    else if (packet.protocol === PROTOCOL.tcp) this.#takeTcp(packet, mac);
  }

  #takeIcmp({ from, to, payload }: Ipv4, mac: Buffer): void {
    if (payload.length < 8) return;
    const type = payload.readUInt8(0);
    if (type === 0 && payload.readUInt16BE(4) === PING_IDENTIFIER && this.#answering.has(from))
      this.pinged.add(from);
    if (type === 8 && isUnicast(to)) {
      const answer = writeEcho('reply', payload.subarray(4));
      this.#reply(to, from, PROTOCOL.icmp, answer, mac);
    }
  }

  #takeUdp({ from, to, payload }: Ipv4, mac: Buffer): void {
    const datagram = readUdp(payload);
    if (datagram?.toPort === 67) this.#serveLease(datagram.payload, mac);
    if (datagram?.toPort === 53 && isUnicast(to) && datagram.payload.length >= 12) {
      const answer = { fromPort: 53, toPort: datagram.fromPort, payload: nameUnknown(datagram.payload) };
      this.#reply(to, from, PROTOCOL.udp, writeUdp(answer), mac);
    }
  }

  #serveLease(payload: Buffer, mac: Buffer): void {
    const request = readDhcp(payload);
    if (!request) return;
    if (request.kind === 'request') this.leased.add(this.#lease.address);
    const answer = { fromPort: 67, toPort: 68, payload: writeDhcp(request, this.#lease) };
    // To everybody: a guest without an address takes no other frame.
    const packet = { from: this.#lease.server, to: '255.255.255.255', protocol: PROTOCOL.udp };
    this.#emit(ETHERTYPE.ipv4, mac, writeIpv4({ ...packet, payload: writeUdp(answer) }));
  }

  #takeTcp({ from, to, payload }: Ipv4, mac: Buffer): void {
    const segment = readTcp(payload);
    if (!segment || !isUnicast(to)) return;
    const isOurs = segment.toPort >= OWN_PORT && segment.toPort < OWN_PORT + this.#ports.length;
    const opened = TCP_FLAGS.syn | TCP_FLAGS.ack;
    if (isOurs && (segment.flags & opened) === opened) {
      if (this.#ports[segment.toPort - OWN_PORT] === segment.fromPort)
        this.accepting.add(`${from}:${segment.fromPort}`);
    } else if ((segment.flags & opened) !== TCP_FLAGS.syn) return;
    // What it opened is closed again; what it opens is refused at once, so that its start does not wait for an answer.
    const reset = {
      fromPort: segment.toPort,
      toPort: segment.fromPort,
      sequence: isOurs ? segment.acknowledged : 0,
      acknowledged: segment.sequence + 1,
      flags: TCP_FLAGS.rst | TCP_FLAGS.ack,
    };
    this.#reply(to, from, PROTOCOL.tcp, writeTcp(reset, to, from), mac);
  }

  #askFor(target: string): void {
    this.#emit(ETHERTYPE.arp, BROADCAST, this.#arp('request', neighbourOf(target), target, Buffer.alloc(6)));
  }

  #arp(operation: Arp['operation'], sender: string, target: string, targetMac: Buffer): Buffer {
    return writeArp({ operation, senderMac: this.#mac, sender, target }, targetMac);
  }

  #ping(target: string, mac: Buffer): void {
    const rest = Buffer.concat([Buffer.from([PING_IDENTIFIER >> 8, PING_IDENTIFIER & 0xff, 0, 1])]);
    const echo = writeEcho('request', Buffer.concat([rest, Buffer.alloc(32, 0x61)]));
    this.#reply(neighbourOf(target), target, PROTOCOL.icmp, echo, mac);
  }

  #knock(target: string, mac: Buffer, port: number): void {
    const from = neighbourOf(target);
    const fromPort = OWN_PORT + this.#ports.indexOf(port);
    const syn = { fromPort, toPort: port, sequence: 1, acknowledged: 0, flags: TCP_FLAGS.syn };
    this.#reply(from, target, PROTOCOL.tcp, writeTcp(syn, from, target), mac);
  }

  #reply(from: string, to: string, protocol: number, payload: Buffer, mac: Buffer): void {
    this.#emit(ETHERTYPE.ipv4, mac, writeIpv4({ from, to, protocol, payload }));
  }

  #emit(etherType: number, to: Buffer, payload: Buffer): void {
    this.#send(writeFrame({ to, from: this.#mac, etherType, payload }));
  }
}

/** Who asks: an address of the same /24, so that the guest takes it for a neighbour whatever its prefix. */
export function neighbourOf(target: string): string {
  const bytes = octets(target);
  bytes.writeUInt8(bytes.readUInt8(3) === 1 ? 2 : 1, 3);
  return address(bytes, 0);
}

function isUnicast(text: string): boolean {
  const first = Number(text.split('.')[0]);
  return first > 0 && first < 224;
}

/** The question again, with "no such name". Source: RFC 1035, section 4.1.1. */
function nameUnknown(question: Buffer): Buffer {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(0x8183, 2);
  return answer;
}
