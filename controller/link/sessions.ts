/** The agents that are connected now. */
import { AscendError } from '../../proto/errors.ts';
import type { CheckOrder, CheckResult } from '../../proto/gen/ascend/v1/link.ts';
import { offline } from './checks.ts';
import type { AgentSessions } from './contract.ts';
import { identifyPeer } from './peer.ts';
import { Session, type SessionCall, type SessionParts } from './session.ts';

export class Sessions implements AgentSessions {
  readonly #parts: SessionParts;
  readonly #current = new Map<string, Session>();
  #closed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  isConnected(agentId: string): boolean {
    return this.#current.has(agentId);
  }

  async deliver(agentId: string): Promise<void> {
    await this.#current.get(agentId)?.deliver();
  }

  async check(
    agentId: string,
    check: CheckOrder,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<CheckResult> {
    const session = this.#current.get(agentId);
    if (session === undefined) throw offline(agentId);
    return session.check(check, timeoutMs);
  }

  drop(agentId: string, why: AscendError): void {
    this.#current.get(agentId)?.end(why);
  }

  /** An agent's certificate has been renewed. */
  extend(agentId: string, until: Date): void {
    this.#current.get(agentId)?.extend(until);
  }

  /** Serves one call, to its end. @throws what refuses it, before there is a session */
  async serve(call: SessionCall): Promise<void> {
    const peer = await identifyPeer(call, this.#parts.directory);
    if (this.#closed) throw stopping();
    const session = new Session(call, peer, this.#parts, () => this.#begin(session));
    try {
      await session.run();
      session.end();
    } catch (thrown) {
      // Where the session was ended from outside, the stream's error only repeats it.
      const why = session.why ?? asReason(thrown, call);
      session.end(why);
      this.#parts.report(why);
    } finally {
      await this.#finish(session);
    }
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#current.values()) session.end(stopping());
  }

  /** One session an agent: the newest, since the one before may be a connection that died without a word. */
  #begin(session: Session): void {
    const before = this.#current.get(session.agentId);
    this.#current.set(session.agentId, session);
    before?.end(new AscendError('state.conflict', `Agent ${session.agentId} has opened another session.`));
  }

  async #finish(session: Session): Promise<void> {
    if (this.#current.get(session.agentId) !== session) return;
    this.#current.delete(session.agentId);
    await this.#parts.observer.lost(session.agentId, session.why);
  }
}

function stopping(): AscendError {
  return new AscendError('agent.offline', 'The controller is stopping.');
}

/** A stream that breaks off throws errors of Node's streams, which say nothing of use to a person. */
function asReason(thrown: unknown, call: SessionCall): AscendError {
  if (thrown instanceof AscendError) return thrown;
  if (call.cancelled)
    return new AscendError('link.unreachable', 'The connection broke off.', { cause: thrown });
  return new AscendError('internal', 'The session failed.', { cause: thrown });
}
