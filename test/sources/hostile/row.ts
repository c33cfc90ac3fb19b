/** One line of a table of hostile input. */
import type { Builder } from '../../backups/builder.ts';

export interface HostileRow {
  what: string;
  make: Builder;
  /** What must be said, code first: a refusal or a finding. */
  says: RegExp;
  /** Facts of the machine that comes out all the same. */
  machine?: object;
}
