import type { Clock } from '../clock.ts';
import { AscendError } from '../../proto/errors.ts';
import type { Store } from '../store/open.ts';
import { instant } from '../store/values.ts';
import { uuidv7 } from '../uuid.ts';
import type { Principal } from './principal.ts';
import { hashSecret, makeSecret } from './secret.ts';
import { lesserRole, RoleSchema, roleCovers, type ApiToken, type NewApiToken, type Role } from './user.ts';

const prefix = 'asc_';
const dayMs = 86_400_000;
const touchMs = 60_000;

/** Tokens for scripts: `asc_` (which secret scanners can look for) and 256 random bits; shown once, stored as SHA-256. */
export class ApiTokens {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The token's user with the lesser of the token's and the user's role. */
  async find(token: string): Promise<Principal | undefined> {
    if (!token.startsWith(prefix)) return undefined;
    const now = this.#clock.now();
    const row = await this.#store
      .selectFrom('api_tokens')
      .select(['id', 'last_used_at'])
      .where('secret_sha256', '=', hashSecret(token))
      .executeTakeFirst();
    if (!row) return undefined;
    if (row.last_used_at === null || now.getTime() - Date.parse(row.last_used_at) > touchMs) {
      await this.#store
        .updateTable('api_tokens')
        .set({ last_used_at: instant(now) })
        .where('id', '=', row.id)
        .execute();
    }
    return this.findById(row.id);
  }

  async findById(id: string): Promise<Principal | undefined> {
    const row = await this.#store
      .selectFrom('api_tokens')
      .innerJoin('users', 'users.id', 'api_tokens.user_id')
      .select([
        'users.id',
        'users.name',
        'users.role as userRole',
        'api_tokens.role as tokenRole',
        'users.must_change_password',
      ])
      .where('api_tokens.id', '=', id)
      .where('api_tokens.expires_at', '>', instant(this.#clock.now()))
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      userId: row.id,
      userName: row.name,
      role: lesserRole(RoleSchema.parse(row.userRole), RoleSchema.parse(row.tokenRole)),
      mustChangePassword: row.must_change_password === 1,
      signedInBy: 'token',
      credential: id,
    };
  }

  async list(principal: Principal): Promise<ApiToken[]> {
    let query = this.#store
      .selectFrom('api_tokens')
      .innerJoin('users', 'users.id', 'api_tokens.user_id')
      .selectAll('api_tokens')
      .select('users.name as user_name')
      .orderBy('api_tokens.created_at', 'desc');
    if (principal.role !== 'admin') query = query.where('user_id', '=', principal.userId);
    return (await query.execute()).map((row) => ({
      id: row.id,
      userId: row.user_id,
      userName: row.user_name,
      name: row.name,
      role: RoleSchema.parse(row.role),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: row.last_used_at,
    }));
  }

  /** @throws auth.denied for a role beyond the caller's. */
  async create(
    owner: Pick<Principal, 'userId' | 'userName' | 'role'>,
    request: { name: string; role?: Role | undefined; days: number },
  ): Promise<NewApiToken> {
    const role = request.role ?? owner.role;
    if (!roleCovers(owner.role, role)) {
      throw new AscendError('auth.denied', `Your role "${owner.role}" cannot give the role "${role}".`);
    }
    const now = this.#clock.now();
    const token = prefix + makeSecret();
    const row = {
      id: uuidv7(now),
      user_id: owner.userId,
      name: request.name,
      role,
      secret_sha256: hashSecret(token),
      created_at: instant(now),
      expires_at: instant(new Date(now.getTime() + request.days * dayMs)),
      last_used_at: null,
    };
    await this.#store.insertInto('api_tokens').values(row).execute();
    return {
      id: row.id,
      userId: owner.userId,
      userName: owner.userName,
      name: row.name,
      role,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: null,
      token,
    };
  }

  /** @throws not-found, also for another user's token. */
  async remove(principal: Principal, id: string): Promise<void> {
    let query = this.#store.deleteFrom('api_tokens').where('id', '=', id);
    if (principal.role !== 'admin') query = query.where('user_id', '=', principal.userId);
    const { numDeletedRows } = await query.executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) {
      throw new AscendError('not-found', 'There is no such API token.', { context: { apiToken: id } });
    }
  }
}
