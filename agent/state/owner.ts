/** Which process works on a run: told apart from a later process that happens to get the same number. */
import { readFileSync } from 'node:fs';

/** Boot, process and its start time, e.g. "1f0c...:4711:88213". */
export function ownIdentity(): string {
  return identityOf(process.pid) ?? `unknown:${process.pid}:0`;
}

export function isAlive(identity: string): boolean {
  const pid = Number(identity.split(':')[1]);
  return Number.isInteger(pid) && identityOf(pid) === identity;
}

function identityOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The command, second field, is in parentheses and may hold anything: count from behind it. Source: proc(5).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : `${boot}:${pid}:${fields[19]}`;
  } catch {
    return undefined;
  }
}
