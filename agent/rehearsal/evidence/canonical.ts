/** JSON as the same bytes wherever it is written: keys in order of their code units, no spaces. After RFC 8785. */
export type Canonical =
  string | number | boolean | null | readonly Canonical[] | { readonly [key: string]: Canonical | undefined };

export function canonicalBytes(value: Canonical): Buffer {
  return Buffer.from(canonicalText(value));
}

function canonicalText(value: Canonical): string {
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : [[key, entry] as const],
  );
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalText(entry)}`).join(',')}}`;
}

function isList(value: Canonical): value is readonly Canonical[] {
  return Array.isArray(value);
}
