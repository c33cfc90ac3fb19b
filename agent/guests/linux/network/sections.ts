/** Files of sections with assignments in them, as NetworkManager and systemd-networkd have. Comments stay. */

export interface Section {
  /** Undefined for what stands before the first. */
  name: string | undefined;
  lines: string[];
}

export function parseSections(text: string): Section[] {
  const sections: Section[] = [{ name: undefined, lines: [] }];
  for (const line of text.split('\n')) {
    const name = /^[ \t]*\[([^\]]+)\][ \t\r]*$/.exec(line)?.[1];
    if (name === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ name, lines: [] });
  }
  return sections;
}

export function printSections(sections: readonly Section[]): string {
  return sections
    .flatMap(({ name, lines }) => (name === undefined ? lines : [`[${name}]`, ...lines]))
    .join('\n');
}

export function valuesIn(sections: readonly Section[], section: string, key: string): string[] {
  return sections
    .filter(({ name }) => name === section)
    .flatMap(({ lines }) => lines)
    .flatMap((line) => {
      const [found, value] = /^[ \t]*([^=#;\s]+)[ \t]*=(.*)$/.exec(line)?.slice(1) ?? [];
      return found === key ? [value?.trim() ?? ''] : [];
    });
}

/** The section with some keys gone and lines put first; made at the end where there is none. */
export function withLines(
  sections: readonly Section[],
  section: string,
  without: RegExp,
  lines: readonly string[],
): Section[] {
  const isThere = sections.some(({ name }) => name === section);
  const all = isThere || lines.length === 0 ? sections : [...sections, { name: section, lines: [''] }];
  let isFirst = true;
  return all.map((candidate) => {
    if (candidate.name !== section) return candidate;
    const kept = candidate.lines.filter((line) => !without.test(line));
    const put = isFirst ? lines : [];
    isFirst = false;
    return { name: section, lines: [...put, ...kept] };
  });
}
