/** A package of Debian's kind, as its own file describes it. Nothing of it is run to learn that. Source: deb-control(5). */

export interface Package {
  /** The name of its file. */
  file: string;
  name: string;
  /** With its epoch: "1:7.2+dfsg-7". */
  version: string;
  /** "amd64", "all". */
  arch: string;
  /** Each is met by any one of its alternatives. */
  needs: readonly Need[];
  provides: readonly Provision[];
}

export interface Need {
  /** As it is written, for people. */
  text: string;
  anyOf: readonly Relation[];
}

export interface Relation {
  name: string;
  version?: { operator: Operator; than: string };
}

export type Operator = '<<' | '<=' | '=' | '>=' | '>>';

export interface Provision {
  name: string;
  version?: string;
}

export function holds(order: number, operator: Operator): boolean {
  if (operator === '=') return order === 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>=') return order >= 0;
  return operator === '<<' ? order < 0 : order > 0;
}
