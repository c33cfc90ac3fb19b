/**
 * The journal of a run: what it is about to do outside the agent, and what it has done. It lets a run that was
 * killed at any moment be taken up again or undone. Everything is durable when the call returns.
 */
import type { AgentDatabase } from './database.ts';
import type { Json } from './json.ts';

export interface Journal {
  /** Before an effect: the token is what undoing it needs. Saying the same effect again replaces the token. */
  intend(effect: string, token: Json): void;
  /** The token of an effect that was intended, done or not. */
  intended(effect: string): Json | undefined;
  record(key: string, value: Json): void;
  recall(key: string): Json | undefined;
}

type Kind = 'intent' | 'record';

export function openJournal(database: AgentDatabase, runId: string): Journal {
  database.exec(`
    create table if not exists journal (
      run_id text not null, kind text not null, key text not null, value text not null, at text not null,
      primary key (run_id, kind, key)
    ) strict, without rowid`);
  const put = database.prepare<[string, Kind, string, string, string]>(
    `insert into journal (run_id, kind, key, value, at) values (?, ?, ?, ?, ?)
     on conflict (run_id, kind, key) do update set value = excluded.value, at = excluded.at`,
  );
  const get = database.prepare<[string, Kind, string], { value: string }>(
    'select value from journal where run_id = ? and kind = ? and key = ?',
  );
  const write = (kind: Kind, key: string, value: Json) =>
    void put.run(runId, kind, key, JSON.stringify(value), new Date().toISOString());
  const read = (kind: Kind, key: string) => {
    const row = get.get(runId, kind, key);
    return row && (JSON.parse(row.value) as Json);
  };
  return {
    intend: (effect, token) => write('intent', effect, token),
    intended: (effect) => read('intent', effect),
    record: (key, value) => write('record', key, value),
    recall: (key) => read('record', key),
  };
}
