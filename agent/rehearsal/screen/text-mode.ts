/** What a screen in VGA text mode shows, from the memory that it is drawn from: no picture has to be read. */

/** Physical address and size of the window; a kernel scrolls by moving the start within it, so all of it is taken. */
export const TEXT_WINDOW = { address: 0xb8000, bytes: 32 * 1024 } as const;
const COLUMNS = 80;
const PRINTABLE = /[^\x20-\x7e]/g;

/** Rows with anything in them, in the order of memory. A cell is a character (code page 437) and its attribute. */
export function textModeText(memory: Buffer): string {
  const rows: string[] = [];
  for (let row = 0; row + COLUMNS * 2 <= memory.length; row += COLUMNS * 2) {
    let line = '';
    for (let cell = row; cell < row + COLUMNS * 2; cell += 2) line += String.fromCharCode(memory[cell] ?? 0);
    const text = line.replace(PRINTABLE, ' ').trimEnd();
    if (text) rows.push(text);
  }
  return rows.join('\n');
}
