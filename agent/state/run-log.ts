/** The durable facts of a run, each said once however often the run is taken up again. */
import type { RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import type { AgentDatabase } from './database.ts';
import type { Journal } from './journal.ts';
import type { Outbox } from './outbox.ts';

export type EventBody = NonNullable<RunEvent['body']>;

export interface RunLog {
  /** `key` is what makes the event the same event when it is said again; false where it was said before. */
  once(key: string, body: EventBody): boolean;
}

export interface RunLogParts {
  database: AgentDatabase;
  journal: Journal;
  runId: string;
  /** Undefined for a run that nobody but this host knows of. */
  outbox: Outbox | undefined;
  onEvent: (body: EventBody) => void;
}

export function openRunLog({ database, journal, runId, outbox, onEvent }: RunLogParts): RunLog {
  const say = database.transaction((key: string, body: EventBody): boolean => {
    if (journal.recall(`event.${key}`) !== undefined) return false;
    journal.record(`event.${key}`, true);
    outbox?.append({ runId, at: new Date(), body });
    return true;
  });
  return {
    once(key, body) {
      const first = say.immediate(key, body);
      if (first) onEvent(body);
      return first;
    },
  };
}
