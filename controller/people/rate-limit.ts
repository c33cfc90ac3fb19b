import type { Clock } from '../clock.ts';
import { AscendError } from '../../proto/errors.ts';

const windowMs = 5 * 60_000;
// Ten for one name from one address: a person who mistypes is not locked out, and guessing gets 2,880 tries a day.
const perName = 10;
// An office behind one address may hold several such people.
const perAddress = 50;
// Bounds the memory that a scan from many addresses can take: about 1 MB.
const maxKeys = 10_000;

/** Counts failed sign-ins; in memory, since a restart by an attacker needs more than a password guess. */
export class SignInLimit {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws auth.rate-limited */
  admit(user: string, remote: string): void {
    const nameUntil = this.#full(`${remote} ${user}`, perName);
    const addressUntil = this.#full(remote, perAddress);
    const until = Math.max(nameUntil, addressUntil);
    if (until === 0) return;
    const seconds = Math.ceil((until - this.#clock.now().getTime()) / 1000);
    throw new AscendError('auth.rate-limited', 'Too many failed sign-ins.', {
      context: { retryAfterSeconds: seconds },
      hint: `Wait ${String(seconds)} seconds, then try again.`,
    });
  }

  failed(user: string, remote: string): void {
    this.#count(`${remote} ${user}`);
    this.#count(remote);
  }

  succeeded(user: string, remote: string): void {
    this.#failures.delete(`${remote} ${user}`);
  }

  #full(key: string, limit: number): number {
    const entry = this.#failures.get(key);
    if (!entry || entry.until <= this.#clock.now().getTime()) return 0;
    return entry.count >= limit ? entry.until : 0;
  }

  #count(key: string): void {
    const now = this.#clock.now().getTime();
    const entry = this.#failures.get(key);
    if (entry && entry.until > now) {
      entry.count += 1;
      return;
    }
    if (this.#failures.size >= maxKeys) this.#failures.clear();
    this.#failures.set(key, { count: 1, until: now + windowMs });
  }
}
