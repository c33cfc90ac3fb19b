import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchAudit = (query: { search?: string; page: string }) => answer(api.audit.$get({ query }));

export type AuditEntry = Awaited<ReturnType<typeof fetchAudit>>['entries'][number];

export function useAudit(query: { search?: string; page: string }) {
  return useQuery({
    queryKey: ['audit', query],
    queryFn: () => fetchAudit(query),
    // No event tells of new entries.
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

/** Walks the chain of hashes, which may take a while. */
export function useVerifyAudit() {
  return useMutation({ mutationFn: () => answer(api.audit.verification.$get()) });
}
