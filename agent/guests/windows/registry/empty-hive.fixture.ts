/**
 * An empty registry hive: a base block and one bin with a root key and its permissions. No program of Debian's makes
 * one; hivexregedit fills it. Written apart from the agent's own reader and writer, after the same specification.
 */

const NONE = 0xffffffff;

/** O:BA G:BA D:(A;;KA;;;SY)(A;;KA;;;BA), self-relative. Source: MS-DTYP, 2.4.6. */
const permissions = Buffer.from(
  '010004804c0000005c0000000000000014000000' +
    '0200380002000000' +
    '000014003f000f00010100000000000512000000' +
    '000018003f000f0001020000000000052000000020020000' +
    '00000000' +
    '01020000000000052000000020020000' +
    '01020000000000052000000020020000',
  'hex',
);

/** @param minorVersion 5, or 3 for boot configuration data */
export function emptyHive(minorVersion: 3 | 5): Buffer {
  const hive = Buffer.alloc(8192);
  hive.write('regf');
  hive.writeUInt32LE(1, 4);
  hive.writeUInt32LE(1, 8);
  hive.writeUInt32LE(1, 20);
  hive.writeUInt32LE(minorVersion, 24);
  hive.writeUInt32LE(1, 32);
  hive.writeUInt32LE(0x20, 36);
  hive.writeUInt32LE(4096, 40);
  hive.writeUInt32LE(1, 44);
  const bin = hive.subarray(4096);
  bin.write('hbin');
  bin.writeUInt32LE(4096, 8);
  const root = 32;
  const rootBytes = 88;
  const securityBytes = Math.ceil((4 + 20 + permissions.length) / 8) * 8;
  writeRoot(bin.subarray(root, root + rootBytes), root + rootBytes);
  writeSecurity(bin.subarray(root + rootBytes, root + rootBytes + securityBytes), root + rootBytes);
  const free = root + rootBytes + securityBytes;
  bin.writeInt32LE(4096 - free, free);
  let checksum = 0;
  for (let at = 0; at < 508; at += 4) checksum ^= hive.readUInt32LE(at);
  hive.writeUInt32LE(checksum >>> 0, 508);
  return hive;
}

function writeRoot(cell: Buffer, securityOffset: number): void {
  cell.writeInt32LE(-cell.length);
  const key = cell.subarray(4);
  key.write('nk');
  // Root of a hive, not to be deleted, name in Latin-1.
  key.writeUInt16LE(0x2c, 2);
  for (const none of [28, 32, 40, 48]) key.writeUInt32LE(NONE, none);
  key.writeUInt32LE(securityOffset, 44);
  key.writeUInt16LE(4, 72);
  key.write('ROOT', 76);
}

function writeSecurity(cell: Buffer, ownOffset: number): void {
  cell.writeInt32LE(-cell.length);
  const security = cell.subarray(4);
  security.write('sk');
  // The only one of the list: its own neighbour on both sides.
  security.writeUInt32LE(ownOffset, 4);
  security.writeUInt32LE(ownOffset, 8);
  security.writeUInt32LE(1, 12);
  security.writeUInt32LE(permissions.length, 16);
  permissions.copy(security, 20);
}
