/** Tags, and the name that people give by one of them. */
import { warn } from '../../../proto/finding.ts';
import { fact, keep, type Fact } from './fact.ts';
import type { Answer } from './answer.ts';
import { listed, type Instance } from './instance.ts';

// What other platforms allow at most.
const LONGEST_NAME = 255;

/** The tag "Name", else the instance's id. */
export function nameOf({ id, answer, origins, findings }: Instance): string {
  const name = tagOf(answer, 'Name') ?? fact(id, answer.get('InstanceId'));
  const whole = keep(origins, 'name', name) ?? id;
  if (whole.length <= LONGEST_NAME) return whole;
  const message = `The name of ${id} has ${whole.length} characters; the first ${LONGEST_NAME} are kept.`;
  findings.push(warn('machine.name-shortened', id, message, 'Name it with --name.'));
  // Not half of a character outside the first plane.
  return whole.slice(0, LONGEST_NAME).replace(/[\uD800-\uDBFF]$/, '');
}

export function tagsOf({ answer, origins }: Instance): Record<string, string> {
  const tags = new Map<string, string>();
  for (const tag of listed(answer.get('Tags'))) {
    const key = tag.get('Key').text();
    if (key === undefined) continue;
    const value = tag.get('Value');
    tags.set(key, origins.note(`tags.${key}`, value.text() ?? '', value.file, value.where));
  }
  return Object.fromEntries(tags);
}

/** Undefined where it is blank. */
export function tagOf(answer: Answer | undefined, key: string): Fact<string> | undefined {
  const tags = answer ? listed(answer.get('Tags')) : [];
  const tag = tags.find((item) => item.get('Key').text() === key);
  const value = tag?.get('Value');
  return value && fact(value.text()?.trim() ? value.text() : undefined, value);
}
