import { useQueryClient } from '@tanstack/react-query';
import { useEventStream, type Connection } from './event-stream.ts';
import type { Progress } from './use-runs.ts';

/** What a change makes stale. A run also says whether its agent is in contact. */
const stale: Record<string, readonly string[]> = {
  run: ['runs'],
  agent: ['agents', 'targets', 'sites', 'runs'],
  backups: ['backups'],
  schedule: ['schedules'],
  site: ['sites'],
};

/** Keeps what is on the screen true, by the controller's stream of changes. */
export function useLive(): Connection {
  const client = useQueryClient();
  return useEventStream('/api/events', ['ready', 'progress', ...Object.keys(stale)], (name, data) => {
    if (name === 'ready') {
      void client.invalidateQueries();
    } else if (name === 'progress') {
      const progress = data as Progress;
      client.setQueryData(['progress', progress.runId], progress);
    } else {
      for (const noun of stale[name] ?? []) void client.invalidateQueries({ queryKey: [noun] });
    }
  });
}
