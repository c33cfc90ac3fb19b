/** Registry content as a .reg text for hivexregedit. */

/** Key path -> value name ("" is the default value) -> data. */
export type RegistryContent = Readonly<Record<string, Readonly<Record<string, RegistryDatum>>>>;

/** A number is a REG_DWORD, a string REG_SZ, a list REG_MULTI_SZ, bytes REG_BINARY. */
export type RegistryDatum = number | string | readonly string[] | Buffer | { expand: string };

/** With every key that a path needs, each behind a blank line: hivexregedit dies where one is missing. */
export function regFile(content: RegistryContent): string {
  const keys = new Map<string, Readonly<Record<string, RegistryDatum>>>();
  for (const [path, values] of Object.entries(content)) {
    const names = path.split('\\');
    names.forEach((_, depth) => {
      const key = names.slice(0, depth + 1).join('\\');
      if (!keys.has(key)) keys.set(key, {});
    });
    keys.set(path, values);
  }
  const blocks = [...keys].map(([path, values]) =>
    [`[\\${path}]`, ...Object.entries(values).map(([name, datum]) => line(name, datum))].join('\n'),
  );
  return `Windows Registry Editor Version 5.00\n\n${blocks.join('\n\n')}\n`;
}

function line(name: string, datum: RegistryDatum): string {
  return `${name === '' ? '@' : `"${name.replaceAll('\\', '\\\\')}"`}=${encode(datum)}`;
}

function encode(datum: RegistryDatum): string {
  if (typeof datum === 'number') return `dword:${datum.toString(16).padStart(8, '0')}`;
  if (Buffer.isBuffer(datum)) return hex(3, datum);
  if (typeof datum === 'string') return hex(1, utf16(`${datum}\0`));
  if ('expand' in datum) return hex(2, utf16(`${datum.expand}\0`));
  return hex(7, utf16(`${datum.map((text) => `${text}\0`).join('')}\0`));
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function hex(type: number, bytes: Buffer): string {
  return `hex(${type}):${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(',')}`;
}
