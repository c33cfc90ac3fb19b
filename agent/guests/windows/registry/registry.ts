/** What a planner sees of a registry hive: keys by path, values by name. Both ignore case, as Windows does. */

export interface RegistryValue {
  type: number;
  data: Buffer;
}

/** Paths are relative to the hive's root, separated by "\"; "" is the root. */
export interface Registry {
  hasKey(path: string): boolean;
  /** Names as they are written; none where there is no such key. */
  subkeys(path: string): string[];
  /** As they are written; none where there is no such key. */
  valueNames(path: string): string[];
  value(path: string, name: string): RegistryValue | undefined;
}

/** Types of values. Source: winnt.h, "Registry value types". */
export const REG_SZ = 1;
export const REG_EXPAND_SZ = 2;
export const REG_BINARY = 3;
export const REG_DWORD = 4;
export const REG_MULTI_SZ = 7;

export const dword = (number: number): RegistryValue => {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(number >>> 0);
  return { type: REG_DWORD, data };
};

export const text = (string: string): RegistryValue => ({ type: REG_SZ, data: utf16(`${string}\0`) });

export const expandable = (string: string): RegistryValue => ({
  type: REG_EXPAND_SZ,
  data: utf16(`${string}\0`),
});

export const texts = (strings: readonly string[]): RegistryValue => ({
  type: REG_MULTI_SZ,
  data: utf16(`${strings.map((string) => `${string}\0`).join('')}\0`),
});

export const binary = (data: Buffer): RegistryValue => ({ type: REG_BINARY, data });

export function asNumber(value: RegistryValue | undefined): number | undefined {
  return value?.type === REG_DWORD && value.data.length === 4 ? value.data.readUInt32LE() : undefined;
}

/** Of REG_SZ and REG_EXPAND_SZ: up to the first NUL, which a writer may have left out. */
export function asText(value: RegistryValue | undefined): string | undefined {
  if (value?.type !== REG_SZ && value?.type !== REG_EXPAND_SZ) return undefined;
  return value.data.toString('utf16le').split('\0', 1)[0];
}

/** The strings of REG_MULTI_SZ; a single string is a list of one, as Windows reads addresses of a NIC. */
export function asTexts(value: RegistryValue | undefined): string[] {
  if (value?.type !== REG_MULTI_SZ) {
    const single = asText(value);
    return single ? [single] : [];
  }
  const strings = value.data.toString('utf16le').split('\0');
  const end = strings.indexOf('');
  return end < 0 ? strings : strings.slice(0, end);
}

export function sameValue(a: RegistryValue | undefined, b: RegistryValue | undefined): boolean {
  return a?.type === b?.type && (a === undefined || b === undefined || a.data.equals(b.data));
}

function utf16(string: string): Buffer {
  return Buffer.from(string, 'utf16le');
}
