/**
 * The format of VMX and VMSD files: `key = "value"` lines, keys without regard to case, bytes that mean nothing to the
 * format escaped as |XX. There is no specification; the rules are read off real files of ESXi, Workstation and Fusion.
 */
import { AscendError } from '../../../../proto/errors.ts';
import { decodeSettings } from './encoding.ts';

// Real files have 20 KB, some 300 lines, and no line longer than an encrypted configuration of some 10 KB.
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const MAX_LINES = 100_000;

export interface Settings {
  /** Value of a key, without regard to case; undefined where it is absent or empty. */
  get(key: string): string | undefined;
  /** TRUE and FALSE in any case; undefined for anything else. */
  flag(key: string): boolean | undefined;
  /** A whole number from 0 up, of nine digits at most; undefined for anything else. */
  number(key: string): number | undefined;
  /** All keys, lower case, in the order of the file. */
  keys(): Iterable<string>;
}

/** @throws source.invalid where the encoding is not known, no line is a setting, or file or line are beyond all reason. */
export function parseSettings(content: Buffer, file: string): Settings {
  refuseOverlong(content, file);
  const values = new Map<string, string>();
  for (const line of decodeSettings(content, file).split(/\r?\n/)) {
    const setting = parseLine(line);
    if (setting) values.set(setting.key, setting.value);
  }
  if (values.size === 0) throw invalid(file, 'holds no settings');
  const get = (key: string) => values.get(key.toLowerCase()) || undefined;
  return {
    get,
    flag: (key) => flagOf(get(key)),
    number: (key) => wholeNumber(get(key)),
    keys: () => values.keys(),
  };
}

/** On the bytes: decoding and cutting 100 MB first would take several times as much memory. */
function refuseOverlong(content: Buffer, file: string): void {
  if (content.length > MAX_FILE_BYTES) {
    throw invalid(file, `has ${content.length} bytes, and at most ${MAX_FILE_BYTES} are read`);
  }
  let start = 0;
  for (let lines = 0; start < content.length; lines++) {
    if (lines === MAX_LINES) throw invalid(file, `has more than ${MAX_LINES} lines`, start);
    // In every encoding that VMware writes, this byte is a line's end and never half of a character.
    const found = content.indexOf(0x0a, start);
    const end = found < 0 ? content.length : found;
    if (end - start > MAX_LINE_BYTES) {
      throw invalid(file, `has a line of ${end - start} bytes at offset ${start}`, start);
    }
    start = end + 1;
  }
}

function invalid(file: string, why: string, offset?: number): AscendError {
  return new AscendError(
    'source.invalid',
    `${file} is no VMware configuration that can be read: it ${why}.`,
    {
      context: { file, offset },
      hint: 'Copy the file again from where the backup came from.',
    },
  );
}

/** By position, not by a regular expression, which could go back and forth over a long line. */
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
