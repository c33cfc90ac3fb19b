/** Every migration by its number. Forward only: one that has been released is never edited, a later one mends it. */
import type { Migration } from 'kysely/migration';
import * as foundation from './0001-foundation.ts';
import * as catalog from './0002-catalog.ts';
import * as rehearsals from './0003-rehearsals.ts';

export const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-catalog': catalog,
  '0003-rehearsals': rehearsals,
};
