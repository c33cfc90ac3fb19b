/** What was found in a guest, on paper and for scripts. */
import type { GuestDescription } from '../guests/description.ts';

/** Facts by their stable names; an empty list where there is no such thing. */
export function guestJson({ family, name, facts }: GuestDescription) {
  return { family, name, ...Object.fromEntries(facts.map((fact) => [fact.name, fact.values])) };
}

export function guestText({ name, facts }: GuestDescription): string {
  const told = facts.filter(({ values }) => values.length > 0);
  const width = Math.max(0, ...told.map(({ title }) => title.length)) + 2;
  const lines = told.flatMap(({ title, values }) =>
    values.map((value, index) => `  ${(index === 0 ? title : '').padEnd(width)}${value}`),
  );
  return [`Found: ${name}`, ...lines].join('\n');
}
