import { keepPreviousData, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchRuns = (query: RunQuery) => answer(api.runs.$get({ query }));
const fetchRun = (id: string) => answer(api.runs[':id'].$get({ param: { id } }));

type RunQuery = NonNullable<Parameters<typeof api.runs.$get>[0]>['query'];
export type RunRequest = Parameters<typeof api.runs.$post>[0]['json'];
export type Run = Awaited<ReturnType<typeof fetchRun>>;
export type RunSummary = Awaited<ReturnType<typeof fetchRuns>>['runs'][number];
export type RunKind = RunSummary['kind'];
export type RunState = RunSummary['state'];
export type Progress = NonNullable<RunSummary['progress']>;

export function isFinal(state: RunState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'blocked' || state === 'cancelled';
}

export function useRuns(query: RunQuery = {}) {
  return useQuery({
    queryKey: ['runs', 'list', query],
    queryFn: () => fetchRuns(query),
    placeholderData: keepPreviousData,
  });
}

export function useRun(id: string) {
  return useQuery({ queryKey: ['runs', id], queryFn: () => fetchRun(id) });
}

/** The newest progress of a run that is not final: from the stream of changes, else from the run as it was fetched. */
export function useProgress({ id, state, progress }: RunSummary): Progress | null {
  const { data } = useQuery<Progress>({ queryKey: ['progress', id], queryFn: skipToken });
  if (isFinal(state)) return null;
  return data && (!progress || data.at > progress.at) ? data : progress;
}

/** @param key - the same key never starts two runs, however often it is sent. */
export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, key }: { request: RunRequest; key: string }) =>
      answer(api.runs.$post({ json: request, header: { 'idempotency-key': key } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['runs'] }),
  });
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.runs[':id'].cancel.$post({ param: { id } })),
    onSuccess: (run) => client.setQueryData(['runs', run.id], run),
  });
}
