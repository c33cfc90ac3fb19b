import { InvalidArgumentError } from 'commander';

/** Adds one "SRC=DST" to those that came before it; the first "=" parts the names. */
export function addMapping(pair: string, before: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=');
  if (at > 0 && at < pair.length - 1) return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
  throw new InvalidArgumentError('Write SRC=DST, e.g. --network "Source LAN=default".');
}
