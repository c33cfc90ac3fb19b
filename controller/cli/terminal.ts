/** What a verb needs of the process it runs in; main.ts makes the real one, tests make their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person asks the program to stop. */
  readonly signal: AbortSignal;
  /** The result: standard output. */
  readonly out: (text: string) => void;
  /** Everything else: standard error. */
  readonly note: (text: string) => void;
  /** A line that the next call writes over, where that is a screen. */
  readonly progress: (text: string) => void;
  readonly readStdin: () => Promise<string>;
}

/** Prints the result: as one JSON document, or as a person reads it. */
export function print(
  terminal: Terminal,
  asJson: boolean | undefined,
  document: unknown,
  text: () => string,
): void {
  terminal.out(asJson === true ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`);
}

/** Columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
}
