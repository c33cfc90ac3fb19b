import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchAgents = async () => (await answer(api.agents.$get())).agents;

export type Agent = Awaited<ReturnType<typeof fetchAgents>>[number];
export type AgentState = Agent['state'];
export type Target = Agent['targets'][number];
export type Provider = Agent['targetKinds'][number];

export function useAgents() {
  return useQuery({ queryKey: ['agents'], queryFn: fetchAgents });
}

/** Titles of platforms by kind, as the agents advertise them. */
export function usePlatformTitle(): (kind: string) => string {
  const { data = [] } = useAgents();
  const providers = data.flatMap((agent) => [...agent.sources, ...agent.targetKinds]);
  return (kind) => providers.find((provider) => provider.kind === kind)?.title ?? kind;
}

export function useRevokeAgent() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.agents[':id'].$delete({ param: { id } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['agents'] }),
  });
}
