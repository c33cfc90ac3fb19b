/** The targets that this agent was given, each with the options of its provider. */
import { AscendError } from '../../proto/errors.ts';
import type { AgentDatabase } from './database.ts';
import type { Json } from './json.ts';

export interface StoredTarget {
  name: string;
  kind: string;
  options: Json;
}

export class TargetStore {
  readonly #database: AgentDatabase;

  constructor(database: AgentDatabase) {
    this.#database = database;
    database.exec(
      'create table if not exists targets (name text primary key, kind text not null, options text not null) strict',
    );
  }

  /** @throws already-exists */
  add(target: StoredTarget): void {
    const { changes } = this.#database
      .prepare('insert into targets (name, kind, options) values (?, ?, ?) on conflict (name) do nothing')
      .run(target.name, target.kind, JSON.stringify(target.options));
    if (changes === 0) {
      throw new AscendError('already-exists', `A target named ${target.name} exists.`, {
        context: { target: target.name },
        hint: `Choose another name, or remove it first: ascend-agent target remove ${target.name}`,
      });
    }
  }

  list(): StoredTarget[] {
    return this.#rows('select * from targets order by name');
  }

  /** @throws not-found with the names that there are. */
  get(name: string): StoredTarget {
    const [found] = this.#rows('select * from targets where name = ?', name);
    if (found) return found;
    const names = this.list().map((target) => target.name);
    throw new AscendError('not-found', `This agent has no target named ${name}.`, {
      context: { target: name },
      hint: names.length ? `It has: ${names.join(', ')}.` : 'Add one first: ascend-agent target add --help',
    });
  }

  /** @throws not-found */
  remove(name: string): void {
    this.get(name);
    this.#database.prepare('delete from targets where name = ?').run(name);
  }

  #rows(sql: string, ...values: string[]): StoredTarget[] {
    return this.#database
      .prepare<string[], { name: string; kind: string; options: string }>(sql)
      .all(...values)
      .map((row) => ({ ...row, options: JSON.parse(row.options) as Json }));
  }
}
