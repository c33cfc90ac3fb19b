import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';
import type { Role } from './use-me.ts';

const fetchUsers = async () => (await answer(api.users.$get())).users;

export type User = Awaited<ReturnType<typeof fetchUsers>>[number];

export function useUsers() {
  return useQuery({ queryKey: ['users'], queryFn: fetchUsers });
}

export function useAddUser() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: (user: { name: string; role: Role; password: string }) =>
      answer(api.users.$post({ json: user })),
    onSuccess: settled,
  });
}

export function useChangeUser() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string; role?: Role; password?: string }) =>
      answer(api.users[':id'].$patch({ param: { id }, json: change })),
    onSuccess: settled,
  });
}

export function useRemoveUser() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: (id: string) => answer(api.users[':id'].$delete({ param: { id } })),
    onSuccess: settled,
  });
}

function useRefetch(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['users'] });
}
