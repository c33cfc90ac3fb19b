/** Debian's control files: paragraphs of fields. Source: deb-control(5), Debian policy 5.1 and 7.1. */
import type { Need, Operator, Provision, Relation } from './package.ts';

/** Field -> value, lines joined by a line feed; names in lower case. */
export type Paragraph = ReadonlyMap<string, string>;

export function parseParagraph(text: string): Paragraph {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of text.split('\n')) {
    if (/^[ \t]/.test(line)) {
      if (last !== '') fields.set(last, `${fields.get(last) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    last = line.slice(0, colon).toLowerCase();
    fields.set(last, line.slice(colon + 1).trim());
  }
  return fields;
}

/** "a (>= 1), b | c": every one of them is needed. */
export function parseNeeds(text = ''): Need[] {
  return list(text, ',').map((need) => ({ text: need, anyOf: list(need, '|').flatMap(parseRelation) }));
}

export function parseProvisions(text = ''): Provision[] {
  return list(text, ',')
    .flatMap(parseRelation)
    .map(({ name, version }) => ({ name, ...(version && { version: version.than }) }));
}

function list(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter(Boolean);
}

/** The qualifier behind a colon says for which processor; there is one. */
function parseRelation(text: string): Relation[] {
  const match =
    /^([a-zA-Z0-9][a-zA-Z0-9+.-]*)(?::[a-z0-9-]+)?(?: ?\( ?(<<|<=|=|>=|>>|<|>) ?([^ ()]+) ?\))?/.exec(text);
  if (!match) return [];
  const [, name = '', operator, than] = match;
  if (operator === undefined || than === undefined) return [{ name }];
  return [{ name, version: { operator: OPERATORS[operator] ?? (operator as Operator), than } }];
}

// What these meant long ago, and dpkg still takes them for.
const OPERATORS: Readonly<Record<string, Operator>> = { '<': '<=', '>': '>=' };
