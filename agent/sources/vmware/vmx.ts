/**
 * The VMX format: `key = "value"` lines, keys without regard to case, bytes that mean nothing to the format
 * escaped as |XX. There is no specification; the rules are read off real files of ESXi, Workstation and Fusion.
 */
import { AscendError } from '../../../proto/errors.ts';

export interface Vmx {
  /** Value of a key, without regard to case; undefined where it is absent or empty. */
  get(key: string): string | undefined;
  /** TRUE and FALSE in any case; undefined for anything else. */
  flag(key: string): boolean | undefined;
  /** A whole number from 0 up, of nine digits at most; undefined for anything else. */
  number(key: string): number | undefined;
  /** All keys, lower case, in the order of the file. */
  keys(): Iterable<string>;
}

/** @throws source.invalid where the encoding is not known or no line is a setting. */
export function parseVmx(content: Buffer, file: string): Vmx {
  const values = new Map<string, string>();
  for (const line of decode(content, file).split(/\r?\n/)) {
    const setting = parseLine(line);
    if (setting) values.set(setting.key, setting.value);
  }
  if (values.size === 0) {
    throw new AscendError('source.invalid', `${file} holds no VMX settings.`, {
      context: { file },
      hint: 'Copy the VMX file again from where the backup came from.',
    });
  }
  const get = (key: string) => values.get(key.toLowerCase()) || undefined;
  return {
    get,
    flag: (key) => flagOf(get(key)),
    number: (key) => wholeNumber(get(key)),
    keys: () => values.keys(),
  };
}

/** By position, not by a regular expression: a hostile line may be megabytes long. */
function parseLine(line: string): { key: string; value: string } | undefined {
  const equals = line.indexOf('=');
  if (equals < 0 || line.trimStart().startsWith('#')) return undefined;
  const raw = line.slice(equals + 1).trim();
  const quoted = raw.length >= 2 && raw.startsWith('"') && raw.endsWith('"');
  const key = line.slice(0, equals).trim().toLowerCase();
  return (key && { key, value: unescape(quoted ? raw.slice(1, -1) : raw) }) || undefined;
}

/** |22 is a quote, |7C a bar, |0A a line's end. */
function unescape(value: string): string {
  return value.replace(/\|([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function flagOf(text: string | undefined): boolean | undefined {
  if (/^true$/i.test(text ?? '')) return true;
  return /^false$/i.test(text ?? '') ? false : undefined;
}

// Nine digits: the largest setting, memsize, is MiB, and any such number of them still fits into 64 bits of bytes.
function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Names that VMware writes and the encoding standard (encoding.spec.whatwg.org) calls otherwise. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['windows-949-2000', 'euc-kr'],
  ['windows-936-2000', 'gbk'],
]);

/**
 * The file names its own encoding, in ASCII; a name in GBK can be valid UTF-8 too, so that line decides.
 * Without it the file is old, and VMware's then was the host's: Windows-1252 keeps every byte.
 */
function decode(content: Buffer, file: string): string {
  // No \s, which runs over the ends of lines: on 64 KiB of empty lines it took 1.8 s.
  const named = /^[ \t]*\.encoding[ \t]*=[ \t]*"([^"\r\n]*)"/im.exec(
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
