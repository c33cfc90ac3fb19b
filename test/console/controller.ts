/** A controller as people run it: a process of its own, with a data folder of its own, serving the built console. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Controller extends AsyncDisposable {
  readonly url: string;
  readonly oneTimePassword: string;
  /** Calls the API as an admin's script does. @throws Error with the answer, where it is a refusal. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** Builds the console into the folder that controllers of this checkout serve. */
export async function buildConsole(): Promise<void> {
  await build({ root: join(root, 'controller/console'), logLevel: 'warn' });
}

export async function startController(): Promise<Controller> {
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'ascend-console-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const files = { password: join(dir, 'password'), token: join(dir, 'token') };
  const ports = ['--listen', '--link', '--enrol'].flatMap((flag) => [flag, '127.0.0.1:0']);
  const secrets = ['--initialPasswordFile', files.password, '--initialTokenFile', files.token];
  const child = spawn(
    process.execPath,
    ['controller/main.ts', 'serve', '--json', '--data', join(dir, 'data'), ...ports, ...secrets],
    { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ASCEND_LOG_LEVEL: 'silent' } },
  );
  started.defer(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const { url } = await firstDocument(child.stdout);
  const token = (await readFile(files.token, 'utf8')).trim();
  const running = started.move();
  return {
    url,
    oneTimePassword: (await readFile(files.password, 'utf8')).trim(),
    call: async (method, path, body) => {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function firstDocument(stdout: AsyncIterable<Buffer>): Promise<{ url: string }> {
  let text = '';
  for await (const chunk of stdout) {
    text += chunk.toString();
    if (text.trimEnd().endsWith('}')) return JSON.parse(text) as { url: string };
  }
  throw new Error(`The controller ended before it served: ${text}`);
}
