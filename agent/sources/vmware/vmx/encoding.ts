/** The encoding of VMX and VMSD files: they name it themselves, in ASCII. */
import { AscendError } from '../../../../proto/errors.ts';

/** Names that VMware writes (ICU's) and the encoding standard (encoding.spec.whatwg.org) calls otherwise. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['windows-949-2000', 'euc-kr'],
  ['windows-936-2000', 'gbk'],
]);

/**
 * A name in GBK can be valid UTF-8 too, so the line `.encoding` decides and nothing is tried.
 * Without it the file is old, and VMware's then was the host's: Windows-1252 keeps every byte.
 * @throws source.invalid where the encoding is not known.
 */
export function decodeSettings(content: Buffer, file: string): string {
  // No \s, which runs over the ends of lines: on 64 KiB of empty lines it took 1.8 s.
  const named = /^[ \t]*\.encoding[ \t]*=[ \t]*"([^"\r\n]{0,100})"/im.exec(
    content.subarray(0, 64 * 1024).toString('latin1'),
  )?.[1];
  const label = named ? (ENCODINGS.get(named.toLowerCase()) ?? named) : 'windows-1252';
  try {
    return new TextDecoder(label).decode(content);
  } catch (cause) {
    throw new AscendError(
      'source.invalid',
      `${file} is written in ${JSON.stringify(named)}, which is not known.`,
      {
        context: { file, encoding: named },
        hint: 'Convert the file to UTF-8 and set its .encoding line to "UTF-8".',
        cause,
      },
    );
  }
}
