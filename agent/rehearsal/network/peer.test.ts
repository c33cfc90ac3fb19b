import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  BROADCAST,
  checksum,
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
} from './frames.ts';
import { Peer, type PeerOptions } from './peer.ts';

const GUEST = Buffer.from('0050569a3c10', 'hex');
const NOBODY = Buffer.alloc(6);

/** A peer, and what it has sent. */
function peerOf(options: Partial<PeerOptions> = {}) {
  const sent: Buffer[] = [];
  const peer = new Peer({ expected: [], ports: [], index: 0, ...options }, (frame) => sent.push(frame));
  const take = (etherType: number, payload: Buffer, to = BROADCAST) =>
    peer.take(writeFrame({ to, from: GUEST, etherType, payload }));
  const arp = (operation: 'request' | 'reply', sender: string, target: string) =>
    take(ETHERTYPE.arp, writeArp({ operation, senderMac: GUEST, sender, target }, NOBODY));
  const ip = (protocol: number, payload: Buffer, from = '10.0.0.5', to = '10.0.0.1') =>
    take(ETHERTYPE.ipv4, writeIpv4({ from, to, protocol, payload }));
  const lastPacket = () => readIpv4(readFrame(sent.at(-1)!)!.payload)!;
  return { peer, sent, arp, ip, lastPacket };
}

it('is whoever the guest looks for', () => {
  const { sent, arp } = peerOf();
  arp('request', '10.0.0.5', '10.0.0.254');
  const frame = readFrame(sent[0]!)!;
  expect(frame.to).toEqual(GUEST);
  expect(readArp(frame.payload)).toMatchObject({
    operation: 'reply',
    sender: '10.0.0.254',
    target: '10.0.0.5',
  });
  expect(sent[0]!.length).toBeGreaterThanOrEqual(60);
});

it('leaves the guest its own address when it asks whether that is free, or announces it', () => {
  const { peer, sent, arp } = peerOf({ expected: ['10.0.0.6'] });
  arp('request', '0.0.0.0', '10.0.0.5');
  arp('request', '10.0.0.5', '10.0.0.5');
  arp('request', '10.0.0.7', '10.0.0.6');
  expect(sent).toEqual([]);
  expect([...peer.seen]).toEqual(['10.0.0.5', '10.0.0.7']);
  expect(peer.frames).toBe(3);
});

it('finds an expected address, pings it and tries its ports', () => {
  const { peer, sent, arp, ip, lastPacket } = peerOf({ expected: ['10.0.0.5'], ports: [22] });
  peer.probe();
  expect(readArp(readFrame(sent[0]!)!.payload)).toMatchObject({ sender: '10.0.0.1', target: '10.0.0.5' });
  arp('reply', '10.0.0.5', '10.0.0.1');
  expect(peer.answering).toEqual(['10.0.0.5']);
  peer.probe();
  const [, echo, knock] = sent.map((frame) => readIpv4(readFrame(frame)!.payload));
  expect(echo).toMatchObject({ protocol: PROTOCOL.icmp, to: '10.0.0.5' });
  ip(PROTOCOL.icmp, writeEcho('reply', echo!.payload.subarray(4)));
  expect([...peer.pinged]).toEqual(['10.0.0.5']);

  const syn = readTcp(knock!.payload)!;
  expect(syn).toMatchObject({ toPort: 22, flags: TCP_FLAGS.syn });
  const accepted = {
    fromPort: 22,
    toPort: syn.fromPort,
    sequence: 7,
    acknowledged: 2,
    flags: TCP_FLAGS.syn | TCP_FLAGS.ack,
  };
  ip(PROTOCOL.tcp, writeTcp(accepted, '10.0.0.5', '10.0.0.1'));
  expect([...peer.accepting]).toEqual(['10.0.0.5:22']);
  expect(readTcp(lastPacket().payload)).toMatchObject({ flags: TCP_FLAGS.rst | TCP_FLAGS.ack });
});

it('takes a refusal for no open port', () => {
  const { peer, sent, arp, ip } = peerOf({ expected: ['10.0.0.5'], ports: [22] });
  arp('reply', '10.0.0.5', '10.0.0.1');
  peer.probe();
  const syn = readTcp(readIpv4(readFrame(sent.at(-1)!)!.payload)!.payload)!;
  const refused = { fromPort: 22, toPort: syn.fromPort, sequence: 0, acknowledged: 2, flags: 0x14 };
  ip(PROTOCOL.tcp, writeTcp(refused, '10.0.0.5', '10.0.0.1'));
  expect([...peer.accepting]).toEqual([]);
});

it('refuses at once what the guest opens, so that its start does not wait', () => {
  const { ip, lastPacket } = peerOf();
  const syn = { fromPort: 40_500, toPort: 2049, sequence: 99, acknowledged: 0, flags: TCP_FLAGS.syn };
  ip(PROTOCOL.tcp, writeTcp(syn, '10.0.0.5', '192.0.2.9'), '10.0.0.5', '192.0.2.9');
  expect(lastPacket()).toMatchObject({ from: '192.0.2.9', to: '10.0.0.5' });
  expect(readTcp(lastPacket().payload)).toMatchObject({ fromPort: 2049, acknowledged: 100, flags: 0x14 });
});

it('leases an address to a guest that asks for one', () => {
  const { peer, ip, lastPacket } = peerOf({ index: 1 });
  const ask = (type: number) => {
    const payload = Buffer.alloc(300);
    payload.writeUInt8(1, 0);
    payload.writeUInt32BE(0xcafe, 4);
    GUEST.copy(payload, 28);
    Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, type, 255]).copy(payload, 236);
    const datagram = { fromPort: 68, toPort: 67, payload };
    ip(PROTOCOL.udp, writeUdp(datagram), '0.0.0.0', '255.255.255.255');
    return readUdp(lastPacket().payload)!;
  };
  const offer = ask(1);
  expect(offer).toMatchObject({ fromPort: 67, toPort: 68 });
  expect(offer.payload.readUInt32BE(4)).toBe(0xcafe);
  expect(offer.payload.subarray(16, 20)).toEqual(octets('198.51.100.11'));
  expect(offer.payload.subarray(236, 243)).toEqual(Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, 2]));
  expect([...peer.leased]).toEqual([]);
  expect(ask(3).payload.readUInt8(242)).toBe(5);
  expect([...peer.leased]).toEqual(['198.51.100.11']);
});

it('knows no name, and says so at once', () => {
  const { ip, lastPacket } = peerOf();
  const payload = Buffer.from('1234010000010000000000000364656200000100010a', 'hex');
  ip(PROTOCOL.udp, writeUdp({ fromPort: 5353, toPort: 53, payload }));
  const answer = readUdp(lastPacket().payload)!;
  expect(answer.payload.readUInt16BE(0)).toBe(0x1234);
  expect(answer.payload.readUInt16BE(2) & 0x800f).toBe(0x8003);
});

it('writes checksums that add up', () => {
  const packet = writeIpv4({
    from: '10.0.0.1',
    to: '10.0.0.5',
    protocol: 1,
    payload: writeEcho('request', Buffer.alloc(9)),
  });
  expect(checksum(packet.subarray(0, 20))).toBe(0);
  expect(checksum(packet.subarray(20))).toBe(0);
});

it('stands whatever a guest sends, and remembers no more than it must', () => {
  const { peer } = peerOf({ expected: ['10.0.0.5'], ports: [22] });
  const start = fc.constantFrom('', '0806', '0800', '08004500', '080045000040');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), start, (bytes, kind) => {
      peer.take(Buffer.concat([BROADCAST, GUEST, Buffer.from(kind, 'hex'), bytes]));
      peer.take(Buffer.from(bytes));
    }),
    { numRuns: 300 },
  );
  for (let at = 0; at < 500; at += 1) {
    const sender = `10.1.${at >> 8}.${at & 255}`;
    const claim = writeArp({ operation: 'reply', senderMac: GUEST, sender, target: '10.0.0.1' }, NOBODY);
    peer.take(writeFrame({ to: BROADCAST, from: GUEST, etherType: ETHERTYPE.arp, payload: claim }));
  }
  expect(peer.seen.size).toBeLessThanOrEqual(64);
  expect(peer.answering.length).toBeLessThanOrEqual(64);
});
