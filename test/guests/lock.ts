import { execa } from 'execa';

/**
 * Waits for an exclusive lock on a file and holds it until disposed. The kernel drops it when this process dies in any
 * way: the holder reads our end of a pipe. Node has no flock of its own.
 */
export async function lock(file: string): Promise<AsyncDisposable> {
  const holder = execa('flock', [file, 'sh', '-c', 'echo held; exec cat'], { buffer: false });
  const first = await new Promise<string>((resolve, reject) => {
    holder.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    holder.catch(reject);
  });
  if (first.trim() !== 'held')
    throw new Error(`flock said ${JSON.stringify(first)} instead of holding ${file}`);
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await holder;
    },
  };
}
