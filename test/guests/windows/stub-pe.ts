/** A program of Windows as far as its headers go: what tells its processor. Source: Microsoft, "PE Format". */
export function stubPe(arch: 'amd64' | 'x86'): Buffer {
  const program = Buffer.alloc(1024);
  program.write('MZ');
  program.writeUInt32LE(0x80, 0x3c);
  program.write('PE\0\0', 0x80, 'latin1');
  program.writeUInt16LE(arch === 'amd64' ? 0x8664 : 0x14c, 0x84);
  program.writeUInt16LE(1, 0x86);
  // Size of the optional header, then: executable.
  program.writeUInt16LE(0xf0, 0x94);
  program.writeUInt16LE(0x22, 0x96);
  program.writeUInt16LE(arch === 'amd64' ? 0x20b : 0x10b, 0x98);
  // Subsystem: console.
  program.writeUInt16LE(3, 0x98 + 68);
  return program;
}
