/** Names of machines, as long as a machine's name may be. */
import { info } from '../../../proto/finding.ts';
import type { Facts } from './facts.ts';

const MAX_NAME = 255;

/** "" where the file gives none. */
export function machineName(name: string | undefined, key: string, facts: Facts): string {
  if (name === undefined) return '';
  facts.note('name', name, key);
  if (name.length <= MAX_NAME) return name;
  const message = `${facts.file} names the machine in ${name.length} characters; the first ${MAX_NAME} are kept.`;
  facts.findings.push(info('machine.name-shortened', facts.file, message, 'Give another with --name.'));
  // A cut may leave half of a character outside the basic plane.
  return name.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, '');
}
