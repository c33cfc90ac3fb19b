/** How far the verbs of this host reach for backups. */
import path from 'node:path';
import { bucketsOf, readConfig } from '../config.ts';
import type { Reach } from '../pipeline/open.ts';
import { isBucketUrl } from '../repositories/bucket-options.ts';
import type { CommonOptions, Shell } from './shell.ts';

export function reachOf({ state, settings }: CommonOptions, { interrupted: signal }: Shell): Reach {
  return { buckets: async () => bucketsOf(await readConfig(path.resolve(state), settings)), signal };
}

/** As it can be found again from anywhere. */
export function absoluteLocation(location: string): string {
  return isBucketUrl(location) ? location : path.resolve(location);
}
