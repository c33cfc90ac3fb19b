/** The agent's link to its controller: connects, stays connected, comes back. */
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AscendError } from '../../proto/errors.ts';
import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import type { Catalog } from '../state/catalog.ts';
import type { Outbox } from '../state/outbox.ts';
import { backoffMs } from './backoff.ts';
import type { Description, LinkObserver } from './contract.ts';
import { asLinkError } from './failure.ts';
import { readIdentity, renewalIsDue, type Identity } from './identity.ts';
import { OrderDesk, type OrderParts } from './orders.ts';
import { ProgressBoard } from './progress.ts';
import { renewCertificate } from './renewal.ts';
import { Session } from './session.ts';

export interface LinkParts extends OrderParts {
  readonly stateDirectory: string;
  readonly outbox: Outbox;
  readonly catalog: Catalog;
  readonly describe: () => Promise<Description>;
  readonly runningRuns: () => string[];
  readonly observer: LinkObserver;
  readonly random?: () => number;
}

// A session that lasted this long was a good one: the next failure starts with short waits again.
const stableAfterMs = 60_000;

export class Link {
  readonly #parts: LinkParts;
  readonly #progress = new ProgressBoard();
  #session: Session | undefined;
  #renewing = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /**
   * Keeps a session open until the signal aborts. A controller that is away, or refuses the agent, is tried again and
   * again; the identity is read anew each time, so that a new enrolment takes effect without a restart.
   *
   * @throws state.conflict when the host is not enrolled, state.invalid
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    let failures = 0;
    while (!stopped()) {
      const identity = await this.#identity();
      const startedAt = Date.now();
      const why = await this.#connect(identity, signal);
      if (stopped()) return;
      failures = Date.now() - startedAt >= stableAfterMs ? 1 : failures + 1;
      const waitMs = backoffMs(failures, this.#parts.random);
      this.#parts.observer.disconnected(why, waitMs);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Lossy: only the newest of each run is kept, and is sent at most twice a second. */
  progress(progress: RunProgress): void {
    this.#progress.post(progress);
  }

  /** Call it when targets, repositories or host findings have changed. */
  async announce(): Promise<void> {
    await this.#session?.announce();
  }

  async #identity(): Promise<Identity> {
    const identity = await readIdentity(this.#parts.stateDirectory);
    if (identity !== undefined) return identity;
    throw new AscendError('state.conflict', 'This host is not enrolled with a controller.', {
      context: { state: this.#parts.stateDirectory },
      hint: 'Make a token in the console (Sites, Add agent) and run "ascend-agent enrol --token TOKEN".',
    });
  }

  async #connect(identity: Identity, signal: AbortSignal): Promise<AscendError> {
    const address = identity.linkAddress;
    try {
      const description = await this.#parts.describe();
      await this.#open(identity).run(description, signal);
      return new AscendError('link.unreachable', `The controller at ${address} has ended the session.`);
    } catch (thrown) {
      return asLinkError(thrown, address);
    } finally {
      this.#session = undefined;
    }
  }

  #open(identity: Identity): Session {
    const { outbox, catalog, describe, runningRuns, observer } = this.#parts;
    const desk = new OrderDesk(identity, this.#parts);
    const session = new Session(identity, {
      outbox,
      catalog,
      describe,
      runningRuns,
      progress: this.#progress,
      receive: (order) => desk.receive(order),
      onRefusedOrder: (why) => observer.refusedOrder(why),
      onHeartbeat: () => void this.#renewIfDue(),
      onWelcome: () => {
        this.#session = session;
        observer.connected(identity.linkAddress);
        void this.#renewIfDue();
      },
    });
    return session;
  }

  /** The session goes on; the new certificate is for the next connection, and tells the controller to let this one be. */
  async #renewIfDue(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      const identity = await this.#identity();
      if (!renewalIsDue(identity)) return;
      const { certificate } = await renewCertificate(this.#parts.stateDirectory, identity);
      this.#parts.observer.renewed(new X509Certificate(certificate).validToDate);
    } catch (thrown) {
      this.#parts.observer.renewalFailed(asLinkError(thrown, 'the controller'));
    } finally {
      this.#renewing = false;
    }
  }
}
