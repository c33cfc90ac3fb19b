/** The controller as the program it is, on ports of its own that stay the same when it is killed and started again. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { answer, connect, type Client } from '../../controller/cli/client.ts';
import type { RunEventJson } from '../../controller/runs/run-event.ts';
import { isFinal, type Progress, type Run } from '../../controller/runs/run.ts';
import { eventually } from '../../controller/testing/eventually.ts';
import { freePort } from '../qemu/free-port.ts';
import { peakMemory, programPath } from './agent-process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../controller/main.ts');

export type Happening = { event: RunEventJson } | { progress: Progress };

export class ControllerHome implements AsyncDisposable {
  readonly #folder: string;
  readonly #ports: readonly number[];
  #server: ResultPromise | undefined;

  private constructor(folder: string, ports: readonly number[]) {
    this.#folder = folder;
    this.#ports = ports;
  }

  static async start(): Promise<ControllerHome> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ascend-controller-'));
    const home = new ControllerHome(folder, [await freePort(), await freePort(), await freePort()]);
    await home.restart();
    return home;
  }

  /** After `kill`, or for the first time. Resolves when it serves. */
  async restart(): Promise<void> {
    const [web = 0, link = 0, enrolment = 0] = this.#ports;
    const at = (port: number) => `127.0.0.1:${port}`;
    const listening = ['--listen', at(web), '--link', at(link), '--enrol', at(enrolment)];
    const secrets = [
      '--initialTokenFile',
      this.#tokenFile,
      '--initialPasswordFile',
      `${this.#folder}/password`,
    ];
    const { HOME = '' } = process.env;
    this.#server = execa(
      MAIN,
      ['serve', '--data', `${this.#folder}/data`, ...listening, ...secrets, '--json'],
      {
        reject: false,
        stdin: 'ignore',
        extendEnv: false,
        env: { PATH: programPath, HOME },
        buffer: { stderr: false },
      },
    );
    this.#server.stderr?.resume();
    await once(this.#server.stdout!, 'data');
  }

  /** Without warning, as by a power cut. */
  async kill(): Promise<void> {
    if (!this.#server) return;
    const gone = once(this.#server.nodeChildProcess, 'exit');
    this.#server.kill('SIGKILL');
    await gone;
    this.#server = undefined;
  }

  async peakMemory(): Promise<number> {
    return peakMemory(this.#server?.pid ?? 0);
  }

  /** The REST API as its admin. */
  async client(): Promise<Client> {
    const token = (await readFile(this.#tokenFile, 'utf8')).trim();
    const server = `http://127.0.0.1:${this.#ports[0] ?? 0}`;
    return connect({ server, token, signal: new AbortController().signal });
  }

  async run(id: string): Promise<Run> {
    const { api } = await this.client();
    return answer(api.runs[':id'].$get({ param: { id } }));
  }

  async ended(id: string, withinMs = 300_000): Promise<Run> {
    return eventually(async () => {
      const run = await this.run(id);
      if (isFinal(run.state)) return run;
      throw new Error(
        `run ${id} is ${run.state}, at ${run.step ?? 'no step'}: ${run.progress?.activity ?? ''}`,
      );
    }, withinMs);
  }

  async events(id: string): Promise<RunEventJson[]> {
    const { server, token } = await this.client();
    const response = await fetch(`${server}/api/runs/${id}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const page = (await response.json()) as { events: RunEventJson[] };
    return page.events;
  }

  /** Waits until something is told of a run. @throws where the stream ends before */
  async hears(id: string, wanted: (happening: Happening) => boolean): Promise<void> {
    const { server, token } = await this.client();
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const { body } = await fetch(`${server}/api/runs/${id}/events`, { headers });
    const stream = body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, data } of stream) {
      if (event === 'event' && wanted({ event: JSON.parse(data) as RunEventJson })) return;
      if (event === 'progress' && wanted({ progress: JSON.parse(data) as Progress })) return;
    }
    throw new Error(`run ${id} ended before: ${JSON.stringify((await this.run(id)).error)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #tokenFile(): string {
    return path.join(this.#folder, 'token');
  }
}
