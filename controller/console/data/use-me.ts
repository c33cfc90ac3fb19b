import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';
import { Problem } from './problem.ts';

async function fetchMe() {
  try {
    return await answer(api.me.$get());
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'auth.required') return null;
    throw thrown;
  }
}

export type Me = NonNullable<Awaited<ReturnType<typeof fetchMe>>>;
export type Role = Me['role'];

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Data is null while nobody is signed in. */
export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: fetchMe });
}

/** Whether the person who is signed in may do what this role may. The controller has the last word. */
export function useMay(role: Role): boolean {
  const { data } = useMe();
  return data ? rank[data.role] >= rank[role] : false;
}

export function useSignIn() {
  const become = useBecome();
  return useMutation({
    mutationFn: (given: { user: string; password: string }) => answer(api.sessions.$post({ json: given })),
    onSuccess: become,
  });
}

export function useSignOut() {
  const become = useBecome();
  return useMutation({
    mutationFn: () => answer(api.sessions.$delete()),
    onSuccess: () => become(null),
  });
}

/** Nobody sees what was fetched for somebody else. */
function useBecome(): (me: Me | null) => void {
  const client = useQueryClient();
  return (me) => {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    client.setQueryData(['me'], me);
  };
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { current: string; next: string }) => answer(api.me.password.$post({ json: given })),
    onSuccess: () => client.invalidateQueries(),
  });
}
