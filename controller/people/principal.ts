import type { Me, Role } from './user.ts';

/** Who calls, and by which credential. */
export interface Principal {
  readonly userId: string;
  readonly userName: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  readonly signedInBy: 'session' | 'token';
  /** The session's secret as a SHA-256, or the API token's id. */
  readonly credential: string;
}

export function meOf(principal: Principal): Me {
  return {
    id: principal.userId,
    name: principal.userName,
    role: principal.role,
    mustChangePassword: principal.mustChangePassword,
    signedInBy: principal.signedInBy,
  };
}
