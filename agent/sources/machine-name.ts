/** Names of machines, no longer than a name may be. */
import { info } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

// vSphere allows 80 characters, Hyper-V 100, EC2 256 in a tag: what is longer was not given by a platform.
const MAX_NAME = 255;

/** "" where the file gives none. A name that is too long is cut, and `findings` says so. */
export function machineName(name: string | undefined, file: string, findings: Finding[]): string {
  if (name === undefined) return '';
  const kept = firstCharacters(name);
  if (kept !== name) {
    const message = `${file} gives the machine a name of more than ${MAX_NAME} characters; the first ${MAX_NAME} are kept.`;
    findings.push(info('machine.name-shortened', file, message, 'Give another with --name.'));
  }
  return kept.toWellFormed();
}

/** By characters, not UTF-16 units: half of a pair is no text. */
function firstCharacters(name: string): string {
  if (name.length <= MAX_NAME) return name;
  return Array.from(name.slice(0, MAX_NAME * 2))
    .slice(0, MAX_NAME)
    .join('');
}
