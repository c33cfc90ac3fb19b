/** The agent as the program it is, with its state, its configuration and its temporary files in a folder of its own. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type ResultPromise } from 'execa';

const MAIN = path.resolve(import.meta.dirname, '../../agent/main.ts');

/** Programs start by their own first line, and so with the Node and the flags that it names. */
export const programPath = `${path.dirname(process.execPath)}:${process.env.PATH ?? ''}`;

export interface Ended {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

// What was there before this test is none of its business.
const deadBefore = new Set(await deadSockets());

type Answer<Document> = Ended & { document: Document };

export interface RestoreDocument {
  runId: string;
  outcome: string;
  machine: { name: string; targetId: string; running: boolean } | null;
  error: { code: string; message: string; hint: string; context: Record<string, unknown> } | null;
}

export interface CheckDocument {
  verdict: string;
  findings: { code: string; severity: string; subject: string; message: string; remedy: string }[];
  fixes: { name: string; summary: string; files: string[] }[];
  estimate: { copyBytes: number; seconds: number };
}

interface Invocation {
  /** Words before the program's own, e.g. to put it into another network. */
  prefix?: readonly string[];
  /** Hears stderr as it comes. */
  onStderr?: (text: string) => void;
  env?: Record<string, string>;
}

export class AgentHome implements AsyncDisposable {
  readonly folder: string;
  readonly #servers = new Set<ServingAgent>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(config: object = {}): Promise<AgentHome> {
    const home = new AgentHome(await mkdtemp(path.join(tmpdir(), 'ascend-agent-')));
    await mkdir(home.#temporary);
    await mkdir(home.state, { mode: 0o700 });
    await writeFile(path.join(home.state, 'agent.json'), JSON.stringify(config));
    return home;
  }

  get state(): string {
    return path.join(this.folder, 'state');
  }

  get #temporary(): string {
    return path.join(this.folder, 'tmp');
  }

  /** One command to its end. */
  async run(args: readonly string[], invocation: Invocation = {}): Promise<Ended> {
    const { exitCode, stdout, stderr } = await this.spawn(args, invocation);
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }

  async restore(args: readonly string[], invocation: Invocation = {}): Promise<Answer<RestoreDocument>> {
    const { document, ...ended } = await this.json(['restore', ...args], invocation);
    return { ...ended, document: document as RestoreDocument };
  }

  async check(args: readonly string[], invocation: Invocation = {}): Promise<Answer<CheckDocument>> {
    const { document, ...ended } = await this.json(['check', ...args], invocation);
    return { ...ended, document: document as CheckDocument };
  }

  /** One command with --json, and what it printed. @throws where it printed no document. */
  async json(args: readonly string[], invocation: Invocation = {}): Promise<Answer<unknown>> {
    const ended = await this.run([...args, '--json'], invocation);
    try {
      return { ...ended, document: JSON.parse(ended.stdout) as unknown };
    } catch (cause) {
      throw new Error(`ascend-agent ${args.join(' ')} gave no document: ${ended.stdout}${ended.stderr}`, {
        cause,
      });
    }
  }

  /** A command that is started and not waited for. */
  spawn(args: readonly string[], { prefix = [], onStderr, env }: Invocation = {}): ResultPromise {
    const [program = '', ...rest] = [...prefix, MAIN, '--state', this.state, ...args];
    const child = execa(program, rest, {
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: { ...this.#environment, ...env },
    });
    if (onStderr) child.stderr.setEncoding('utf8').on('data', onStderr);
    return child;
  }

  serve(): ServingAgent {
    const server = new ServingAgent(this.spawn(['serve']));
    this.#servers.add(server);
    return server;
  }

  /** What runs of this agent have left: overlays, temporary files and processes; empty for a clean one. */
  async leftovers(): Promise<string[]> {
    const serving = new Set([...this.#servers].map(({ pid }) => pid));
    const processes = (await processesWith(`TMPDIR=${this.#temporary}`)).filter(
      ({ pid }) => !serving.has(pid),
    );
    return [
      ...(await readdir(path.join(this.state, 'work')).catch(() => [])).map((name) => `overlays of ${name}`),
      ...(await readdir(this.#temporary)).map((name) => `temporary ${name}`),
      ...(await deadSockets()).filter((socket) => !deadBefore.has(socket)),
      ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  get #environment(): Record<string, string> {
    const { HOME = '' } = process.env;
    // libguestfs would otherwise build its appliance anew in each temporary folder.
    return { PATH: programPath, HOME, TMPDIR: this.#temporary, LIBGUESTFS_CACHEDIR: '/var/tmp' };
  }
}

/** `ascend-agent serve`, to be killed. */
export class ServingAgent {
  readonly pid: number;
  readonly #child: ResultPromise;
  #log = '';

  constructor(child: ResultPromise) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** What it logged: a JSON document a line. */
  get log(): string {
    return this.#log;
  }

  /** Kilobytes of memory that it had resident at most. */
  async peakMemory(): Promise<number> {
    return peakMemory(this.pid);
  }

  /** Without warning, as by a power cut. */
  async kill(): Promise<void> {
    const { nodeChildProcess } = this.#child;
    if (nodeChildProcess.exitCode !== null || nodeChildProcess.signalCode !== null) return;
    const gone = once(nodeChildProcess, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Kilobytes. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
}

async function processesWith(variable: string): Promise<{ pid: number; command: string }[]> {
  const found = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    // A zombie has no environment: it is no more than an entry in a table.
    if (!(await read('environ')).split('\0').includes(variable)) continue;
    found.push({ pid, command: (await read('cmdline')).replaceAll('\0', ' ').slice(0, 120) });
  }
  return found;
}

/**
 * Sockets of libguestfs, which it puts into /tmp when it is root, that no living process has. Those of other tests come
 * and go meanwhile: what is dead at two looks is dead.
 */
async function deadSockets(): Promise<string[]> {
  const first = await deadNow();
  if (first.length === 0) return [];
  await sleep(1000);
  const second = new Set(await deadNow());
  return first.filter((socket) => second.has(socket));
}

async function deadNow(): Promise<string[]> {
  const used = await readFile('/proc/net/unix', 'utf8');
  const dead = [];
  for (const name of await readdir('/tmp')) {
    const socket = `/tmp/${name}/guestfsd.sock`;
    if (!/^libguestfs\w{6}$/.test(name) || used.includes(socket)) continue;
    if ((await readdir(path.dirname(socket)).catch((): string[] => [])).includes('guestfsd.sock'))
      dead.push(socket);
  }
  return dead;
}
