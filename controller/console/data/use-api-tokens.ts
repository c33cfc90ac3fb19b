import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchApiTokens = async () => (await answer(api['api-tokens'].$get())).apiTokens;
type NewToken = Parameters<(typeof api)['api-tokens']['$post']>[0]['json'];

export type ApiToken = Awaited<ReturnType<typeof fetchApiTokens>>[number];

export function useApiTokens() {
  return useQuery({ queryKey: ['api-tokens'], queryFn: fetchApiTokens });
}

export function useMakeApiToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: NewToken) => answer(api['api-tokens'].$post({ json: token })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-tokens'] }),
  });
}

export function useRemoveApiToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api['api-tokens'][':id'].$delete({ param: { id } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-tokens'] }),
  });
}
