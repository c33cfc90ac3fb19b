/** A local copy of a hive in the guest, brought up to date with its logs. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { GuestSession } from '../../guest.ts';
import { BASE_BLOCK_BYTES, isHive, isSynchronised } from './base-block.ts';
import { MAX_LOG_BYTES, replayLogs, type Range } from './log.ts';

/** SYSTEM has 10 to 30 MB, SOFTWARE up to 150 MB on servers of some years. */
const MAX_HIVE_BYTES = 512 * 1024 * 1024;

export interface FetchedHive {
  localPath: string;
  /** What a log has changed in it; undefined where no log was needed, or none could be used. */
  replayed: Range[] | undefined;
}

export async function fetchHive(session: GuestSession, guestPath: string): Promise<FetchedHive> {
  const localPath = await session.fetch(guestPath, MAX_HIVE_BYTES);
  if (isWhole(localPath)) return { localPath, replayed: undefined };
  const logs: string[] = [];
  for (const log of await logsOf(session, guestPath)) logs.push(await session.fetch(log, MAX_LOG_BYTES));
  return { localPath, replayed: replayLogs(localPath, logs) };
}

/** What is no hive at all is for its reader to refuse. */
function isWhole(localPath: string): boolean {
  const base = Buffer.alloc(BASE_BLOCK_BYTES);
  const file = openSync(localPath, 'r');
  try {
    return readSync(file, base, 0, base.length, 0) < base.length || !isHive(base) || isSynchronised(base);
  } finally {
    closeSync(file);
  }
}

/** Beside the hive, whatever the case of their names. */
async function logsOf(session: GuestSession, guestPath: string): Promise<string[]> {
  const [folder, name] = [guestPath.slice(0, guestPath.lastIndexOf('/')), guestPath.split('/').at(-1) ?? ''];
  const wanted = ['.log1', '.log2'].map((ending) => `${name}${ending}`.toLowerCase());
  const names = (await session.list(folder)).filter((each) => wanted.includes(each.toLowerCase()));
  const logs: string[] = [];
  for (const each of names) {
    const path = `${folder}/${each}`;
    if (
      (await session.test('is-file', path)) &&
      Number(await session.call('filesize', path)) <= MAX_LOG_BYTES
    )
      logs.push(path);
  }
  return logs;
}
