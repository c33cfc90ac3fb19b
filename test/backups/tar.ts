/** Archives with members that tar itself would not write. */

export interface TarMember {
  name: string;
  content?: string | Buffer;
  /** POSIX type flag; "0" is a file. */
  type?: string;
  /** Where the header says another size than there is. */
  sizeBytes?: number;
  linkTo?: string;
}

export function tarOf(...members: TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(entryOf), Buffer.alloc(1024)]);
}

function entryOf({ name, content = '', type = '0', sizeBytes, linkTo = '' }: TarMember): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write((sizeBytes ?? bytes.length).toString(8).padStart(11, '0'), 124);
  header.write('15000000000', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkTo, 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
