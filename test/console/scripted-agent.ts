/** An agent that has really enrolled and speaks the link, and does what the test tells it to. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channelOptions, credentials } from '../../agent/link/channel.ts';
import { enrol } from '../../agent/link/enrol.ts';
import type { Identity } from '../../agent/link/identity.ts';
import {
  LinkClient,
  Order,
  type AgentMessage,
  type BackupEntry,
  type CheckResult,
  type ControllerMessage,
  type Hello,
} from '../../proto/gen/ascend/v1/link.ts';
import type { RestoreOrder, RunEvent, RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import { eventually } from '../link/eventually.ts';

type Body = NonNullable<AgentMessage['body']>;
type Fact = NonNullable<RunEvent['body']>;

export interface Script {
  readonly hello: Omit<Hello, 'agentId' | 'hostname'>;
  readonly backups: readonly BackupEntry[];
  /** The answer to checks; a test may change it. */
  check: Omit<CheckResult, 'orderId'>;
}

export class ScriptedAgent implements AsyncDisposable {
  readonly restores: RestoreOrder[] = [];
  readonly cancels: string[] = [];
  readonly #identity: Identity;
  readonly #script: Script;
  readonly #stateDirectory: string;
  readonly #hostname: string;
  #client: LinkClient | undefined;
  #call: ReturnType<LinkClient['session']> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #sequence = 0n;

  private constructor(made: {
    identity: Identity;
    script: Script;
    stateDirectory: string;
    hostname: string;
  }) {
    this.#identity = made.identity;
    this.#script = made.script;
    this.#stateDirectory = made.stateDirectory;
    this.#hostname = made.hostname;
  }

  /** Enrols with a token as the console shows it, and connects. */
  static async enrol(token: string, hostname: string, script: Script): Promise<ScriptedAgent> {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'ascend-scripted-agent-'));
    const identity = await enrol({ token, stateDirectory, hostname });
    const agent = new ScriptedAgent({ identity, script, stateDirectory, hostname });
    agent.connect();
    return agent;
  }

  connect(): void {
    this.#client = new LinkClient(this.#identity.linkAddress, credentials(this.#identity), channelOptions);
    this.#call = this.#client.session();
    this.#call.on('data', (message: ControllerMessage) => this.#hear(message));
    // A test that hangs up has seen enough of this session.
    this.#call.on('error', () => undefined);
    const { agentId } = this.#identity;
    this.#send({ $case: 'hello', value: { ...this.#script.hello, agentId, hostname: this.#hostname } });
  }

  /** Leaves without a word, as a host that lost its power. */
  vanish(): void {
    clearInterval(this.#heartbeat);
    this.#call?.cancel();
    this.#client?.close();
  }

  /** The restore order for a machine of this name, once it has arrived. */
  ordered(name: string): Promise<RestoreOrder> {
    return this.#newest(`for ${name}`, ({ options }) => options?.name === name);
  }

  /** The newest order for a rehearsal from this folder, once it has arrived. */
  rehearsalOrdered(path: string): Promise<RestoreOrder> {
    const wanted = ({ rehearsalOnly, backup }: RestoreOrder) =>
      rehearsalOnly === true && backup?.path === path;
    return this.#newest(`to rehearse ${path}`, wanted);
  }

  #newest(what: string, wanted: (order: RestoreOrder) => boolean): Promise<RestoreOrder> {
    return eventually(() => {
      const order = this.restores.findLast(wanted);
      if (!order) throw new Error(`No order ${what} has arrived.`);
      return order;
    });
  }

  /** Tells facts of a run, each a durable event. */
  tell(runId: string, ...facts: Fact[]): void {
    const events = facts.map((body) => ({ runId, sequence: ++this.#sequence, at: new Date(), body }));
    this.#send({ $case: 'events', value: { events } });
  }

  progress(progress: Omit<RunProgress, 'at'>): void {
    this.#send({ $case: 'progress', value: { ...progress, at: new Date() } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.vanish();
    await rm(this.#stateDirectory, { recursive: true, force: true });
  }

  #hear({ body }: ControllerMessage): void {
    if (body?.$case === 'welcome') {
      this.#sequence = body.value.lastEventSequence;
      const beat = (): void => this.#send({ $case: 'heartbeat', value: { at: new Date(), runningRuns: [] } });
      this.#heartbeat = setInterval(beat, body.value.heartbeatMs);
      const position = { lineage: randomUUID(), revision: 1n, whole: true };
      const upserts = [...this.#script.backups];
      this.#send({ $case: 'catalogUpdate', value: { position, upserts, removed: [] } });
    } else if (body?.$case === 'order') {
      this.#follow(Order.decode(body.value.payload));
    }
  }

  #follow({ orderId, action }: Order): void {
    if (action?.$case === 'check') {
      this.#send({ $case: 'checkResult', value: { ...this.#script.check, orderId } });
      return;
    }
    if (action?.$case === 'restore') this.restores.push(action.value);
    if (action?.$case === 'cancel') this.cancels.push(action.value.runId);
    const receipt = { orderId, accepted: true, refusalCode: '', refusal: '' };
    this.#send({ $case: 'receipt', value: receipt });
  }

  #send(body: Body): void {
    if (this.#call?.writable) this.#call.write({ body });
  }
}
