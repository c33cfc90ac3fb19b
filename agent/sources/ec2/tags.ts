/** Tags, and the name that people give by one of them. */
import { machineName } from '../machine-name.ts';
import type { Fact } from '../origins.ts';
import { fact } from './fact.ts';
import type { Answer } from './answer.ts';
import { listed, type Instance } from './instance.ts';

/** The tag "Name", else the instance's id. */
export function nameOf({ id, answer, origins, findings }: Instance): string {
  const name = tagOf(answer, 'Name') ?? fact(id, answer.get('InstanceId'));
  return machineName(origins.keep('name', name) ?? id, answer.file, findings);
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
