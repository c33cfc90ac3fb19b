/** Copies of the sample's backup that a test may break, and proof that a backup was left as it was. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MANIFEST_NAME, readManifest } from '../../agent/repositories/backup-set.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';

/** Makes `folder` a backup like the sample's. Its large layer is the cache's own where a link can be made: never write it. */
export async function copySample(folder: string): Promise<string> {
  const { backupDir } = await buildDebian12();
  const { files } = await readManifest(backupDir);
  await mkdir(folder, { recursive: true });
  for (const name of [MANIFEST_NAME, ...files.map((file) => file.path)]) {
    const [from, to] = [path.join(backupDir, name), path.join(folder, name)];
    const linked =
      name === web01.full.file &&
      (await link(from, to).then(
        () => true,
        () => false,
      ));
    if (linked) continue;
    await copyFile(from, to);
    await chmod(to, 0o644);
  }
  return folder;
}

/** Changes when a file of a folder is written, put there or taken away. Not by its change time: links to the cache alter that. */
export async function stampOf(folder: string): Promise<string> {
  const digest = createHash('sha256');
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const { size, mode, mtimeNs, ino } = await stat(path.join(folder, name), { bigint: true });
    digest.update(`${name} ${size} ${mode} ${mtimeNs} ${ino}\n`);
  }
  return digest.digest('hex');
}
