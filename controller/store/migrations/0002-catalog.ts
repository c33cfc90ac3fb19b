/** The catalogue by changes: how far each agent's is known, and an index for every order in which it is listed. */
import type { Kysely } from 'kysely';

const SORTED = ['captured_at', 'machine_name', 'platform', 'disk_bytes'];

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('catalogs')
    .addColumn('agent_id', 'text', (c) => c.primaryKey().references('agents.id'))
    .addColumn('lineage', 'text', (c) => c.notNull())
    .addColumn('revision', 'bigint', (c) => c.notNull())
    .addColumn('whole', 'integer', (c) => c.notNull())
    .execute();
  const backups = () => db.schema.alterTable('backups');
  await backups()
    .addColumn('lineage', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  await backups().addColumn('files_modified_at', 'text').execute();
  for (const column of SORTED) {
    await db.schema.createIndex(`backups_by_${column}`).on('backups').columns([column, 'id']).execute();
  }
}
