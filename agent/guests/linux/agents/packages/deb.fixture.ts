/** Small packages, built by the distribution's own program. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '../../../../exec.ts';

/** @param control its fields beside the name; the version is 1.0 where they have none. Returns the path of the package. */
export async function makeDeb(
  folder: string,
  name: string,
  control: Readonly<Record<string, string>> = {},
  compression: 'xz' | 'gzip' | 'zstd' | 'none' = 'xz',
): Promise<string> {
  const tree = path.join(folder, `${name}-${control.Version ?? '1.0'}-${compression}.tree`);
  await mkdir(path.join(tree, 'DEBIAN'), { recursive: true });
  await mkdir(path.join(tree, 'usr/share/ascend-test'), { recursive: true });
  await writeFile(path.join(tree, 'usr/share/ascend-test', name), name);
  const fields = {
    Package: name,
    Version: '1.0',
    Architecture: 'amd64',
    Maintainer: 'Nobody <nobody@example.org>',
    Description: 'made for a test',
    ...control,
  };
  const lines = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  await writeFile(path.join(tree, 'DEBIAN/control'), lines.join(''));
  const file = `${tree.replace(/\.tree$/, '')}.deb`;
  const options = ['--root-owner-group', '--uniform-compression', `-Z${compression}`];
  await exec('dpkg-deb', [...options, '--build', tree, file]);
  return file;
}
