/** What writes a small and whole backup into an empty folder, as its platform would have left it there. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Gives what is to be analysed, relative to the folder: "" for the folder itself. */
export type Builder = (folder: string) => Promise<string>;

/** By path below the folder. Objects become JSON. */
export async function put(
  folder: string,
  files: Readonly<Record<string, string | Buffer | object>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    const isBytes = typeof content === 'string' || Buffer.isBuffer(content);
    await writeFile(file, isBytes ? content : JSON.stringify(content, null, 2));
  }
}
