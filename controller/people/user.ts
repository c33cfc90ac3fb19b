import { z } from 'zod';

/** viewer reads; operator also restores and schedules; admin also manages sites, agents and people. */
export const RoleSchema = z.enum(['viewer', 'operator', 'admin']).meta({ id: 'Role' });
export type Role = z.infer<typeof RoleSchema>;

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

export function roleCovers(has: Role, needs: Role): boolean {
  return rank[has] >= rank[needs];
}

export function lesserRole(one: Role, other: Role): Role {
  return roleCovers(one, other) ? other : one;
}

export const UserNameSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._@-]*$/, 'lower-case letters, digits and . _ @ - only');

// 12 at least: NIST SP 800-63B-4 asks for 15 where a password is the only factor and allows 8 beside another;
// the rate limit on sign-in stands between. 1 KiB at most, so that nobody makes argon2 chew megabytes.
export const PasswordSchema = z.string().min(12, 'at least 12 characters').max(1024);

export const UserSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: RoleSchema,
    mustChangePassword: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const MeSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: RoleSchema,
    /** While set, a session may only change the password. */
    mustChangePassword: z.boolean(),
    signedInBy: z.enum(['session', 'token']),
  })
  .meta({ id: 'Me' });

export const ApiTokenSchema = z
  .object({
    id: z.string(),
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    role: RoleSchema,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiToken' });

export const NewApiTokenSchema = ApiTokenSchema.extend({
  /** Shown once. */
  token: z.string(),
}).meta({ id: 'NewApiToken' });

export type User = z.infer<typeof UserSchema>;
export type Me = z.infer<typeof MeSchema>;
export type ApiToken = z.infer<typeof ApiTokenSchema>;
export type NewApiToken = z.infer<typeof NewApiTokenSchema>;
