import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchSites = async () => (await answer(api.sites.$get())).sites;
const makeToken = (id: string) => answer(api.sites[':id']['enrolment-tokens'].$post({ param: { id } }));

export type Site = Awaited<ReturnType<typeof fetchSites>>[number];
export type EnrolmentToken = Awaited<ReturnType<typeof makeToken>>;

export function useSites() {
  return useQuery({ queryKey: ['sites'], queryFn: fetchSites });
}

export function useAddSite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => answer(api.sites.$post({ json: { name } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sites'] }),
  });
}

export function useMakeEnrolmentToken() {
  return useMutation({ mutationFn: makeToken });
}
