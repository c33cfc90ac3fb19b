import { sql, type RawBuilder } from 'kysely';

/** Whether a column holds a text as it is: % and _ are letters like any other. Standard SQL. */
export function contains(column: string, text: string): RawBuilder<boolean> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, (letter) => `\\${letter}`)}%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
}
