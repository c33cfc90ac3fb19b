/** Which of two versions is later. Source: deb-version(7). */

/** Below zero where `a` is earlier than `b`, zero where they are the same. */
export function compareDebVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  return (
    compareText(one.epoch, other.epoch) ||
    compareText(one.upstream, other.upstream) ||
    compareText(one.revision, other.revision)
  );
}

function partsOf(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? '' : version.slice(0, colon),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Text and numbers take turns, text first. */
function compareText(a: string, b: string): number {
  const [one, other] = [turnsOf(a), turnsOf(b)];
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [text = '', number = ''] = one[at] ?? [];
    const [otherText = '', otherNumber = ''] = other[at] ?? [];
    const order = compareWords(text, otherText) || compareNumbers(number, otherNumber);
    if (order !== 0) return order;
  }
  return 0;
}

function turnsOf(text: string): (string | undefined)[][] {
  return [...text.matchAll(/([^0-9]*)([0-9]*)/g)].map(([, word, number]) => [word, number]);
}

/** A tilde comes before the end, the end before letters, letters before all else. */
function compareWords(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = rankOf(a[at]) - rankOf(b[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function rankOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** Of any length: a number in a version may be a date with a time. */
function compareNumbers(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}
