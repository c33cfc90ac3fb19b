/** The real rooms and the real app over a database file of their own, for tests; only the agents' connections are stood in for. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { AscendError } from '../../proto/errors.ts';
import type {
  BackupEntry,
  CatalogUpdate,
  CheckOrder,
  CheckResult,
  Hello,
} from '../../proto/gen/ascend/v1/link.ts';
import { createApp } from '../api/app.ts';
import type { AgentSessions } from '../link/contract.ts';
import { hashSecret, makeToken } from '../link/token.ts';
import { decodeToken } from '../../proto/enrolment-token.ts';
import type { Role } from '../people/user.ts';
import { createAgentSide, createServices } from '../rooms.ts';
import { openStore } from '../store/open.ts';

/** A clock that stands still until it is moved. */
export class StillClock {
  #now: number;

  constructor(at = '2027-01-01T12:00:00.000Z') {
    this.#now = Date.parse(at);
  }

  now(): Date {
    return new Date(this.#now);
  }

  forward(ms: number): void {
    this.#now += ms;
  }
}

/** Connections to agents, as the link would hold them. */
export class StandInSessions implements AgentSessions {
  readonly delivered: string[] = [];
  readonly dropped: string[] = [];
  answer: ((order: CheckOrder) => CheckResult) | undefined;

  isConnected(): boolean {
    return this.answer !== undefined;
  }

  deliver(agentId: string): Promise<void> {
    this.delivered.push(agentId);
    return Promise.resolve();
  }

  check(agentId: string, order: CheckOrder): Promise<CheckResult> {
    if (this.answer) return Promise.resolve(this.answer(order));
    return Promise.reject(new AscendError('agent.offline', `Agent ${agentId} is not connected.`));
  }

  drop(agentId: string): void {
    this.dropped.push(agentId);
  }
}

export type Trial = Awaited<ReturnType<typeof startTrial>>;

export async function startTrial(at: { dir?: string; clock?: StillClock } = {}) {
  const dir = at.dir ?? (await mkdtemp(join(tmpdir(), 'ascend-controller-')));
  const clock = at.clock ?? new StillClock();
  const store = await openStore(join(dir, 'controller.db'));
  const side = createAgentSide({ store, clock });
  const sessions = new StandInSessions();
  const failures: AscendError[] = [];
  const services = createServices(side, {
    sessions,
    makeToken: () => makeToken({ address: 'controller.test:8442', pin: 'A'.repeat(43) }),
    log: pino({ level: 'silent' }),
    report: (error) => failures.push(error),
    consoleDir: join(dir, 'no-console'),
  });
  return {
    dir,
    clock,
    store,
    side,
    sessions,
    services,
    failures,
    app: createApp(services),
    /** Stops as a crash would: nothing is told, the file stays. */
    async stop() {
      services.schedules[Symbol.dispose]();
      await store.destroy();
    },
    async [Symbol.asyncDispose]() {
      await this.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A user with this role, and an API token of the user's. */
export async function addCaller({ services }: Trial, role: Role, name = `a-${role}`): Promise<Caller> {
  const password = 'correct horse battery';
  const user = await services.users.add({ name, role, password, mustChangePassword: false });
  const { token, id } = await services.apiTokens.create(
    { userId: user.id, userName: name, role },
    { name: 'test', days: 1 },
  );
  return { user, password, token, tokenId: id, headers: { authorization: `Bearer ${token}` } };
}

export interface Caller {
  readonly user: { readonly id: string; readonly name: string };
  readonly password: string;
  readonly token: string;
  readonly tokenId: string;
  readonly headers: Record<string, string>;
}

/** A request with a JSON body. */
export function withJson(
  method: string,
  content: unknown,
  headers: Record<string, string> = {},
): RequestInit {
  return {
    method,
    body: JSON.stringify(content),
    headers: { 'content-type': 'application/json', ...headers },
  };
}

/** An agent that has enrolled, is connected and advertises one target and one repository. */
export async function enrolAgent({ services, side }: Trial, hostname = 'host-1'): Promise<string> {
  const sites = await services.sites.list();
  const site = sites[0] ?? (await services.sites.add('Berlin'));
  const { token } = await services.sites.createEnrolmentToken(site.id, 'a test');
  const { agentId } = await side.directory.enrol({
    secretHash: hashSecret(decodeToken(token).secret),
    hostname,
  });
  await side.observer.hello(agentId, helloOf(agentId, hostname));
  return agentId;
}

/** An agent's catalogue from scratch, in one batch. */
export function everything(upserts: BackupEntry[]): CatalogUpdate {
  return { position: { lineage: randomUUID(), revision: 1n, whole: true }, upserts, removed: [] };
}

/** One backup of the machine "web01" in the agent's catalogue. @returns its catalogue id */
export async function addBackup({ services, side }: Trial, agentId: string): Promise<string> {
  await side.observer.catalog(
    agentId,
    everything([
      {
        ref: { repository: 'nas', path: 'web01/2027-01-01', backupId: 'b-1' },
        platform: 'some-platform',
        machineName: 'web01',
        capturedAt: new Date('2027-01-01T02:00:00Z'),
        parentId: '',
        storedBytes: 1000n,
        diskBytes: 2000n,
        machine: undefined,
        findings: [],
      },
    ]),
  );
  const { backups } = await services.catalog.page({
    agentId,
    sort: 'capturedAt',
    order: 'desc',
    page: 1,
    pageSize: 1,
  });
  return backups[0]?.id ?? '';
}

export function helloOf(agentId: string, hostname: string): Hello {
  return {
    agentId,
    agentVersion: '0.1.0',
    hostname,
    sources: [{ kind: 'a-source', title: 'A source', optionSchemaJson: '{}', abilities: [] }],
    targetKinds: [
      { kind: 'a-kind', title: 'A kind', optionSchemaJson: '{"type":"object"}', abilities: ['rehearse'] },
    ],
    targets: [{ name: 'lab', kind: 'a-kind', networks: ['default'], reachable: true, problem: '' }],
    repositories: [{ name: 'nas', location: '/backups' }],
    hostFindings: [],
  };
}
