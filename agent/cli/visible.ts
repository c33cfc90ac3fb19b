/** Text of a backup on a terminal: what would move the cursor, hide itself or turn the reading direction is spelled out. */

// Unicode's controls (but the new line), formats and the two separators that a terminal may take for a new line.
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** "a\u202eb" as `a\u{202e}b`. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
