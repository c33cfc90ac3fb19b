/** Runs and schedules that rehearse, what their restores may decide besides, and the pictures of rehearsals. */
import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['runs', 'schedules'])
    await db.schema
      .alterTable(table)
      .addColumn('kind', 'text', (c) =>
        c
          .notNull()
          .defaultTo('restore')
          .check(sql`kind in ('restore', 'rehearsal')`),
      )
      .execute();
  await db.schema
    .createTable('rehearsal_screens')
    .addColumn('run_id', 'text', (c) => c.primaryKey().references('runs.id'))
    .addColumn('png', 'blob', (c) => c.notNull())
    .execute();
  // What the documents of today always say, those from before say as well: nobody has to ask which is which.
  for (const table of ['runs', 'schedules'])
    await sql`
      update ${sql.table(table)}
      set options = json_set(options, '$.addresses', json('{}'), '$.rehearse', json('false'))`.execute(db);
  await sql`update runs set fold = json_set(fold, '$.rehearsal', json('null'))`.execute(db);
}
