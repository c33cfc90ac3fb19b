import { useQuery } from '@tanstack/react-query';
import { answer, api } from './client.ts';
import type { RunRequest } from './use-runs.ts';

const fetchCheck = (request: RunRequest) => answer(api.checks.$post({ json: request }));

export type Check = Awaited<ReturnType<typeof fetchCheck>>;

/** What a restore would find now. Asked anew each time it comes into view: targets and backups change. */
export function useCheck(request: RunRequest) {
  return useQuery({
    queryKey: ['check', request],
    queryFn: () => fetchCheck(request),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
