import type { Clock } from '../clock.ts';
import { AscendError } from '../../proto/errors.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/tables.ts';
import { flag, instant } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import { hashPassword } from './password.ts';
import { makeSecret } from './secret.ts';
import { RoleSchema, type Role, type User } from './user.ts';

export class Users {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Makes the user `admin` where there are no users at all.
   *
   * @param handOver - gets the one-time password before it counts: once the user exists, nothing else knows it.
   * @returns undefined where there are users.
   */
  async createFirst(handOver: (password: string) => Promise<void>): Promise<User | undefined> {
    const any = await this.#store.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (any) return undefined;
    const password = makeSecret();
    await handOver(password);
    return this.add({ name: 'admin', role: 'admin', password, mustChangePassword: true });
  }

  async list(): Promise<User[]> {
    return (await this.#store.selectFrom('users').selectAll().orderBy('name').execute()).map(userOf);
  }

  /** @throws not-found */
  async get(id: string): Promise<User> {
    const row = await this.#store.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw new AscendError('not-found', 'There is no such user.', { context: { user: id } });
    return userOf(row);
  }

  /** @throws already-exists */
  async add(user: {
    name: string;
    role: Role;
    password: string;
    mustChangePassword: boolean;
  }): Promise<User> {
    const now = this.#clock.now();
    const row: Tables['users'] = {
      id: uuidv7(now),
      name: user.name,
      role: user.role,
      password_hash: await hashPassword(user.password),
      must_change_password: flag(user.mustChangePassword),
      created_at: instant(now),
    };
    const { numInsertedOrUpdatedRows } = await this.#store
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) {
      throw new AscendError('already-exists', `There is a user "${user.name}" already.`);
    }
    return userOf(row);
  }

  /**
   * A new password is one-time, and ends the user's sessions; a lesser role takes effect at the next request.
   *
   * @throws not-found
   * @throws state.conflict when nobody would be admin any more.
   */
  async change(id: string, change: { role: Role | undefined; password: string | undefined }): Promise<User> {
    const passwordHash = change.password === undefined ? undefined : await hashPassword(change.password);
    await this.#store.transaction().execute(async (transaction) => {
      if (change.role !== undefined) {
        if (change.role !== 'admin') await refuseLastAdmin(transaction, id);
        await transaction.updateTable('users').set({ role: change.role }).where('id', '=', id).execute();
      }
      if (passwordHash !== undefined) {
        await transaction
          .updateTable('users')
          .set({ password_hash: passwordHash, must_change_password: 1 })
          .where('id', '=', id)
          .execute();
        await transaction.deleteFrom('sessions').where('user_id', '=', id).execute();
      }
    });
    return this.get(id);
  }

  /** @throws state.conflict when nobody would be admin any more. */
  async remove(id: string): Promise<void> {
    await this.#store.transaction().execute(async (transaction) => {
      await refuseLastAdmin(transaction, id);
      await transaction.deleteFrom('users').where('id', '=', id).execute();
    });
  }
}

async function refuseLastAdmin(store: Store, id: string): Promise<void> {
  const admins = await store.selectFrom('users').select('id').where('role', '=', 'admin').execute();
  if (admins.length === 1 && admins[0]?.id === id) {
    throw new AscendError('state.conflict', 'This is the only admin.', {
      hint: 'Make another user admin first.',
    });
  }
}

function userOf(row: Tables['users']): User {
  return {
    id: row.id,
    name: row.name,
    role: RoleSchema.parse(row.role),
    mustChangePassword: row.must_change_password === 1,
    createdAt: row.created_at,
  };
}
