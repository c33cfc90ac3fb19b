/** A controller's link and an agent's, on loopback, for tests. */
import Database from 'better-sqlite3';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificateRequest } from '../../agent/link/certificate-request.ts';
import type { Description } from '../../agent/link/contract.ts';
import { enrol } from '../../agent/link/enrol.ts';
import { readIdentity, type Identity } from '../../agent/link/identity.ts';
import { Link } from '../../agent/link/link.ts';
import { Receipts } from '../../agent/link/receipts.ts';
import { Catalog } from '../../agent/state/catalog.ts';
import { Outbox, type NewEvent } from '../../agent/state/outbox.ts';
import { openAuthority, type Authority } from '../../controller/link/authority.ts';
import { startLink, type RunningLink } from '../../controller/link/server.ts';
import { makeToken } from '../../controller/link/token.ts';
import { AscendError } from '../../proto/errors.ts';
import type { CheckOrder, CheckResult } from '../../proto/gen/ascend/v1/link.ts';
import type { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import { onTestFinished } from 'vitest';
import { Directory, Events, Orders, Watcher } from './store.ts';

export const heartbeatMs = 200;

export interface ControllerOptions {
  agentCertificateSeconds?: number;
  authorityDirectory?: string;
  linkPort?: number;
  directory?: Directory;
  events?: Events;
  orders?: Orders;
  /** Stands in for somebody who changes orders after they were signed. */
  signOrder?: Authority['signOrder'];
}

export class TestController implements AsyncDisposable {
  readonly directory: Directory;
  readonly events: Events;
  readonly orders: Orders;
  readonly watcher = new Watcher();
  readonly reports: AscendError[] = [];
  readonly authority: Authority;
  readonly authorityDirectory: string;
  running!: RunningLink;

  private constructor(authority: Authority, authorityDirectory: string, options: ControllerOptions) {
    this.authority = authority;
    this.authorityDirectory = authorityDirectory;
    this.directory = options.directory ?? new Directory();
    this.events = options.events ?? new Events();
    this.orders = options.orders ?? new Orders();
  }

  static async start(options: ControllerOptions = {}): Promise<TestController> {
    const authorityDirectory = options.authorityDirectory ?? join(await temporaryDirectory(), 'authority');
    const authority = await openAuthority(authorityDirectory, options);
    const controller = new TestController(authority, authorityDirectory, options);
    controller.running = await startLink({
      directory: controller.directory,
      events: controller.events,
      orders: controller.orders,
      authority: options.signOrder ? { ...authority, signOrder: options.signOrder } : authority,
      observer: controller.watcher,
      heartbeatMs,
      listen: { host: '127.0.0.1', linkPort: options.linkPort ?? 0, enrolmentPort: 0 },
      report: (error) => controller.reports.push(error),
    });
    return controller;
  }

  /** A new one over the same store and on the same port, as after a restart. */
  async restart(): Promise<TestController> {
    const { authorityDirectory, directory, events, orders, running } = this;
    await this[Symbol.asyncDispose]();
    return TestController.start({
      authorityDirectory,
      directory,
      events,
      orders,
      linkPort: running.linkPort,
    });
  }

  get sessions() {
    return this.running.sessions;
  }

  get linkAddress(): string {
    return `127.0.0.1:${this.running.linkPort}`;
  }

  get enrolmentAddress(): string {
    return `127.0.0.1:${this.running.enrolmentPort}`;
  }

  token({ lifetimeMs = 60_000, pin = this.authority.pin } = {}): string {
    const { token, secretHash } = makeToken({ address: this.enrolmentAddress, pin });
    this.directory.tokens.set(secretHash, { expiresAt: Date.now() + lifetimeMs, used: false });
    return token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
  }
}

export const description: Description = {
  agentVersion: '0.1.0',
  hostname: 'conv01',
  sources: [],
  targetKinds: [],
  targets: [],
  repositories: [],
  hostFindings: [],
};

/** An enrolled agent whose orders are only written down. */
export class TestAgent implements AsyncDisposable {
  readonly stateDirectory: string;
  readonly agentId: string;
  readonly database: Database.Database;
  readonly outbox: Outbox;
  readonly catalog: Catalog;
  readonly link: Link;
  readonly restored: RestoreOrder[] = [];
  readonly cancelled: string[] = [];
  readonly log: string[] = [];
  readonly failures: AscendError[] = [];
  readonly refusedOrders: AscendError[] = [];
  forbidden = new Set<string>();
  check: (order: CheckOrder) => Promise<Omit<CheckResult, 'orderId'>> = () =>
    Promise.resolve({ findings: [], networks: ['default'] });
  #running: { stop: AbortController; ended: Promise<void> } | undefined;

  constructor(stateDirectory: string, agentId: string) {
    this.stateDirectory = stateDirectory;
    this.agentId = agentId;
    this.database = new Database(join(stateDirectory, 'state.db'));
    this.database.exec('create table if not exists run (id text primary key)');
    this.outbox = new Outbox(this.database);
    this.catalog = new Catalog(this.database);
    const insert = this.database.prepare('insert or ignore into run values (?)');
    this.link = new Link({
      stateDirectory,
      outbox: this.outbox,
      catalog: this.catalog,
      receipts: new Receipts(this.database),
      describe: () => Promise.resolve(description),
      runningRuns: () => [],
      random: () => 0.1,
      policy: {
        permit: ({ target }) => {
          if (this.forbidden.has(target))
            throw new AscendError('order.not-allowed', `No restores to ${target}.`);
        },
      },
      handler: {
        restore: (order) => {
          this.restored.push(order);
          insert.run(order.runId);
        },
        cancel: (runId) => void this.cancelled.push(runId),
        check: (order) => this.check(order),
      },
      observer: {
        connected: () => void this.log.push('connected'),
        disconnected: (why) => {
          this.log.push(`disconnected: ${why.code}`);
          this.failures.push(why);
        },
        renewed: () => void this.log.push('renewed'),
        renewalFailed: (why) => void this.log.push(`renewal failed: ${why.code}`),
        refusedOrder: (why) => void this.refusedOrders.push(why),
      },
    });
  }

  static async enrol(controller: TestController): Promise<TestAgent> {
    const stateDirectory = await temporaryDirectory();
    const { agentId } = await enrol({ token: controller.token(), stateDirectory, hostname: 'conv01' });
    return new TestAgent(stateDirectory, agentId);
  }

  start(): this {
    const stop = new AbortController();
    this.#running = { stop, ended: this.link.run(stop.signal) };
    return this;
  }

  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.ended;
    this.#running = undefined;
  }

  async identity() {
    const identity = await readIdentity(this.stateDirectory);
    if (identity === undefined) throw new Error('the test agent is not enrolled');
    return identity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.database.close();
  }
}

/** Removed when the test has ended. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ascend-link-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** What enrolment would leave on the agent, made by hand. */
export async function identityOf(
  authority: Authority,
  agentId: string,
  linkAddress: string,
): Promise<Identity> {
  const { key, csr } = await makeCertificateRequest();
  const { certificate } = await authority.issueAgentCertificate(
    agentId,
    await authority.readCertificateRequest(csr),
  );
  return {
    agentId,
    site: 'Utrecht',
    linkAddress,
    key,
    certificate: new X509Certificate(certificate).toString(),
    ca: new X509Certificate(authority.caCertificate).toString(),
    orderKey: createPublicKey({ key: authority.orderKey, type: 'spki', format: 'der' })
      .export({ type: 'spki', format: 'pem' })
      .toString(),
    certificateObtainedAt: new Date().toISOString(),
  };
}

/** Event number `index` of a run, recognisable by its step. */
export function event(index: number, runId = 'run-1'): NewEvent {
  return { runId, at: new Date(), body: { $case: 'stepStarted', value: { step: `step-${index}` } } };
}
