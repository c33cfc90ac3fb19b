/** The demonstration's controller and agent: they go on after the script, so that the console can be looked at. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { logFile, pidFile } from './place.ts';

/** Resolves once `ready` does. @throws with the end of its log when the process ends before that */
export async function startProcess(
  name: string,
  args: string[],
  ready: () => Promise<boolean>,
): Promise<void> {
  const log = openSync(logFile(name), 'w', 0o600);
  const [main = '', ...rest] = args;
  // By its own first line, as npx would: npm has put Node 24 first in PATH.
  const child = spawn(main, rest, { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  await writeFile(pidFile(name), String(child.pid));
  const deadline = Date.now() + 60_000;
  while (!(await ready())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = await readFile(logFile(name), 'utf8');
      throw new Error(`The ${name} did not start; ${logFile(name)} ends with:\n${said.slice(-2000)}`);
    }
    await sleep(200);
  }
}

/** Politely, by its own process id and only if it is still that program. */
export async function stopProcess(name: string): Promise<void> {
  const pid = Number(await readFile(pidFile(name), 'utf8').catch(() => '0'));
  const alive = async () =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(`${name}/main.ts`);
  if (pid > 1 && (await alive())) {
    process.kill(pid, 'SIGTERM');
    for (let tries = 0; tries < 100 && (await alive()); tries += 1) await sleep(100);
    if (await alive()) process.kill(pid, 'SIGKILL');
  }
  await rm(pidFile(name), { force: true });
}
