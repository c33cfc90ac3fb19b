/** One mutated backup, analysed as the command does it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asAscendError } from '../../proto/errors.ts';
import { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { analyse } from '../../agent/pipeline/analyse.ts';
import { openAt } from '../../agent/pipeline/open.ts';
import { sources } from '../../agent/sources/index.ts';
import type { Seed } from './seeds.ts';

const MAX_RESIDENT_BYTES = 300 * 1024 * 1024;

/** Leaves the backup as it was, unless it throws: then the file is as it did the harm. */
export async function tryOne(seed: Seed, content: Buffer): Promise<'read' | 'refused'> {
  const file = path.join(seed.folder, seed.name);
  await writeFile(file, content);
  const outcome = await outcomeAt(path.join(seed.folder, seed.scope));
  const resident = process.memoryUsage.rss();
  if (resident > MAX_RESIDENT_BYTES) throw new Error(`${resident} bytes resident`);
  await writeFile(file, seed.content);
  return outcome;
}

async function outcomeAt(place: string): Promise<'read' | 'refused'> {
  try {
    await using backup = await openAt(place, sources);
    const { machine } = await analyse(backup, sources);
    if (machine) Machine.encode(machine).finish();
    return 'read';
  } catch (thrown) {
    if (asAscendError(thrown).code === 'internal') throw thrown;
    return 'refused';
  }
}
