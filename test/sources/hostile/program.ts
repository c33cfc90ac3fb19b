/** `ascend-agent analyse` in a process of its own, with the memory that it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));
const LIMIT_MS = 10_000;
// The process itself knows best; VmHWM is gone with it. In KiB (getrusage(2), ru_maxrss).
const TELL_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(`\\nresident ${process.resourceUsage().maxRSS}`))';

export interface Ran {
  /** Null where it was killed: it took more than 10 s. */
  exitCode: number | null;
  /** What it printed. */
  text: string;
  residentBytes: number;
}

/** Leaves what was printed beside `place`. */
export async function runAnalyse(place: string): Promise<Ran> {
  const output = `${place}.json`;
  await using file = await open(output, 'w');
  const program = ['--max-semi-space-size=4', '--import', TELL_MEMORY, MAIN];
  const child = spawn(process.execPath, [...program, 'analyse', place, '--json'], {
    stdio: ['ignore', file.fd, 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const stderr = child.stderr ? text(child.stderr) : '';
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const resident = /resident (\d+)$/.exec(await stderr)?.[1];
  if (exitCode !== null && resident === undefined)
    throw new Error(`The program did not start: ${await stderr}`);
  return { exitCode, text: await readFile(output, 'utf8'), residentBytes: Number(resident) * 1024 };
}
