/** A UUID in any of VMware's spellings. */

/** "56 4d 4b 9e d2 17 63 9b-98 0e 92 5d 77 2a a3 83" as 564d4b9e-d217-639b-980e-925d772aa383; other text as it is. */
export function uuidOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const hex = text
    .slice(0, 100)
    .replace(/[^0-9a-fA-F]/g, '')
    .toLowerCase();
  if (hex.length !== 32) return text.slice(0, 255);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
