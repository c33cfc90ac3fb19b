/** What `virsh` prints: `Name: value` lines, and tables below a line of dashes. */

/** `Max memory:     2097152 KiB` by name, in lower case. The first of equal names counts. */
export function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of linesOf(text)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Rows by column, the columns in lower case; the last column may hold spaces. Undefined where there is no table. */
export function rowsOf(text: string, columns: readonly string[]): Map<string, string>[] | undefined {
  const lines = linesOf(text);
  const header = words(lines[0] ?? '').map((word) => word.toLowerCase());
  if (!/^\s*-{5,}\s*$/.test(lines[1] ?? '') || !columns.every((column) => header.includes(column)))
    return undefined;
  return lines.slice(2).map((line) => {
    const cells = words(line);
    const last = cells.slice(header.length - 1).join(' ');
    return new Map(header.map((column, at) => [column, (at === header.length - 1 ? last : cells[at]) ?? '']));
  });
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function words(line: string): string[] {
  return line.split(/\s/).filter((word) => word !== '');
}
