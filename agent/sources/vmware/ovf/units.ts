/**
 * Units of size as OVF writes them: programmatic units (DSP0004 3.0, annex D: `byte * 2^20`, in any spacing, and as a
 * product: `byte*1024*1024`), and the plain words of older tools (`MegaBytes`), which meant powers of two.
 */

const WORDS: ReadonlyMap<string, bigint> = new Map(
  [
    ['byte', 'bytes', 'b'],
    ['kilobyte', 'kilobytes', 'kbytes', 'kibibyte', 'kb', 'kib'],
    ['megabyte', 'megabytes', 'mbytes', 'mebibyte', 'mb', 'mib'],
    ['gigabyte', 'gigabytes', 'gbytes', 'gibibyte', 'gb', 'gib'],
    ['terabyte', 'terabytes', 'tbytes', 'tebibyte', 'tb', 'tib'],
  ].flatMap((words, power) => words.map((word) => [word, 1024n ** BigInt(power)] as const)),
);

// Longer than any unit that has a meaning, and no chain of factors can take long.
const MAX_LENGTH = 100;
// Sizes are 64 bits on the wire, and a signed consumer loses the last of them.
const MAX_BYTES = 2n ** 63n - 1n;

/** Bytes of `quantity` (digits) in `unit`; undefined where either has no meaning or the size is beyond 2^63. */
export function bytesIn(quantity: string | undefined, unit: string): bigint | undefined {
  if (quantity === undefined || !/^\d{1,19}$/.test(quantity)) return undefined;
  const factor = factorOf(unit);
  const bytes = factor === undefined ? undefined : BigInt(quantity) * factor;
  return bytes !== undefined && bytes <= MAX_BYTES ? bytes : undefined;
}

/** How many bytes the unit is. */
function factorOf(unit: string): bigint | undefined {
  if (unit.length > MAX_LENGTH) return undefined;
  const [word = '', ...factors] = unit.split('*').map((part) => part.trim().toLowerCase());
  let product = WORDS.get(word);
  for (const text of factors) {
    const factor = powerOf(text);
    if (product === undefined || factor === undefined || product > MAX_BYTES) return undefined;
    product *= factor;
  }
  return product;
}

/** `1024`, `2^20` or `2 ^ 20`. */
function powerOf(text: string): bigint | undefined {
  const match = /^(\d{1,19})(?: {0,5}\^ {0,5}(\d{1,2}))?$/.exec(text);
  return match?.[1] === undefined ? undefined : BigInt(match[1]) ** BigInt(match[2] ?? '1');
}
