import type { Clock } from '../clock.ts';
import { AscendError } from '../../proto/errors.ts';
import type { Store } from '../store/open.ts';
import { instant } from '../store/values.ts';
import { hashPassword, verifyNobody, verifyPassword } from './password.ts';
import { meOf, type Principal } from './principal.ts';
import { SignInLimit } from './rate-limit.ts';
import { hashSecret, makeSecret } from './secret.ts';
import { RoleSchema, type Me } from './user.ts';

// A working day without a second sign-in, however active; an hour away from the desk ends it.
const lifetimeMs = 12 * 3_600_000;
const idleMs = 3_600_000;
// "Last used" is written at most this often: a console that polls would otherwise cause a disk write each time.
const touchMs = 60_000;

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly onSignIn?: (outcome: 'done' | 'refused') => void;
}

/** Sessions of people on the console: an opaque secret in a cookie, its SHA-256 in the store. */
export class Sessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limit: SignInLimit;
  readonly #onSignIn: (outcome: 'done' | 'refused') => void;

  constructor({ store, clock, onSignIn = () => undefined }: Deps) {
    this.#store = store;
    this.#clock = clock;
    this.#limit = new SignInLimit(clock);
    this.#onSignIn = onSignIn;
  }

  /**
   * @throws auth.denied for a wrong name or password, without saying which.
   * @throws auth.rate-limited
   */
  async signIn(request: {
    user: string;
    password: string;
    remote: string;
  }): Promise<{ secret: string; me: Me }> {
    const userId = await this.#checkPassword(request);
    const now = this.#clock.now();
    const secret = makeSecret();
    await this.#store.deleteFrom('sessions').where('expires_at', '<', instant(now)).execute();
    await this.#store
      .insertInto('sessions')
      .values({
        secret_sha256: hashSecret(secret),
        user_id: userId,
        created_at: instant(now),
        last_used_at: instant(now),
        expires_at: instant(new Date(now.getTime() + lifetimeMs)),
      })
      .execute();
    const principal = await this.find(secret);
    if (!principal) throw new AscendError('auth.denied', 'The user was removed just now.');
    return { secret, me: meOf(principal) };
  }

  find(secret: string): Promise<Principal | undefined> {
    return this.findByHash(hashSecret(secret));
  }

  /** The session's user, as long as it has neither expired nor lain idle. */
  async findByHash(hash: string): Promise<Principal | undefined> {
    const now = this.#clock.now();
    const row = await this.#store
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.id', 'users.name', 'users.role', 'users.must_change_password', 'sessions.last_used_at'])
      .where('sessions.secret_sha256', '=', hash)
      .where('sessions.expires_at', '>', instant(now))
      .where('sessions.last_used_at', '>', instant(new Date(now.getTime() - idleMs)))
      .executeTakeFirst();
    if (!row) return undefined;
    if (now.getTime() - Date.parse(row.last_used_at) > touchMs) {
      await this.#store
        .updateTable('sessions')
        .set({ last_used_at: instant(now) })
        .where('secret_sha256', '=', hash)
        .execute();
    }
    return {
      userId: row.id,
      userName: row.name,
      role: RoleSchema.parse(row.role),
      mustChangePassword: row.must_change_password === 1,
      signedInBy: 'session',
      credential: hash,
    };
  }

  async end(secret: string): Promise<void> {
    await this.#store.deleteFrom('sessions').where('secret_sha256', '=', hashSecret(secret)).execute();
  }

  /**
   * Ends every other session of the user; API tokens stay, they were made on purpose and are revoked one by one.
   *
   * @throws auth.denied when `current` is wrong.
   * @throws usage.invalid when the new password is the old one.
   */
  async changePassword(
    principal: Principal,
    request: { current: string; next: string; remote: string },
  ): Promise<void> {
    const { current, next, remote } = request;
    await this.#checkPassword({ user: principal.userName, password: current, remote });
    if (current === next) {
      throw new AscendError('usage.invalid', 'The new password is the old one.', { hint: 'Choose another.' });
    }
    const passwordHash = await hashPassword(next);
    await this.#store.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ password_hash: passwordHash, must_change_password: 0 })
        .where('id', '=', principal.userId)
        .execute();
      await transaction
        .deleteFrom('sessions')
        .where('user_id', '=', principal.userId)
        .where('secret_sha256', '!=', principal.credential)
        .execute();
    });
  }

  /** @returns the user's id. */
  async #checkPassword(request: { user: string; password: string; remote: string }): Promise<string> {
    const { user, password, remote } = request;
    this.#limit.admit(user, remote);
    const row = await this.#store
      .selectFrom('users')
      .select(['id', 'password_hash'])
      .where('name', '=', user)
      .executeTakeFirst();
    const right = row ? await verifyPassword(row.password_hash, password) : await verifyNobody(password);
    this.#onSignIn(right ? 'done' : 'refused');
    if (!row || !right) {
      this.#limit.failed(user, remote);
      throw new AscendError('auth.denied', 'The user name or the password is wrong.');
    }
    this.#limit.succeeded(user, remote);
    return row.id;
  }
}
