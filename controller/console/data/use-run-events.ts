import { useQueryClient } from '@tanstack/react-query';
import { useReducer } from 'react';
import type { InferResponseType } from 'hono/client';
import type { api } from './client.ts';
import { useEventStream } from './event-stream.ts';
import { isFinal, type Progress, type RunSummary } from './use-runs.ts';

type EventPage = Extract<InferResponseType<(typeof api.runs)[':id']['events']['$get']>, { next: unknown }>;
export type RunEvent = EventPage['events'][number];

interface Heard {
  readonly events: readonly RunEvent[];
  readonly ended: boolean;
}

type News = { readonly event: RunEvent } | { readonly ended: true };

/** A stream that is opened again begins with what we have already. */
function hear(heard: Heard, news: News): Heard {
  if ('ended' in news) return { ...heard, ended: true };
  const newest = heard.events.at(-1)?.sequence ?? 0;
  return news.event.sequence > newest ? { ...heard, events: [...heard.events, news.event] } : heard;
}

/** The events of one run in order, as they happen; the stream ends with the run. */
export function useRunEvents(id: string): readonly RunEvent[] {
  const client = useQueryClient();
  const [{ events, ended }, dispatch] = useReducer(hear, { events: [], ended: false });
  const url = ended ? undefined : `/api/runs/${id}/events`;
  useEventStream(url, ['event', 'state', 'progress'], (name, data) => {
    if (name === 'event') {
      dispatch({ event: data as RunEvent });
    } else if (name === 'progress') {
      client.setQueryData<Progress>(['progress', id], data as Progress);
    } else {
      // The summary of the stream lacks findings and results: the page fetches the whole run.
      void client.invalidateQueries({ queryKey: ['runs', id] });
      if (isFinal((data as RunSummary).state)) dispatch({ ended: true });
    }
  });
  return events;
}
