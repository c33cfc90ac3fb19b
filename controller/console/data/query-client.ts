import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from './problem.ts';

// Who signed out, or whose session has expired, gets the sign-in page; what was on the screen stays in the address.
function signedOut(error: Error): void {
  if (error instanceof Problem && error.code === 'auth.required') queryClient.setQueryData(['me'], null);
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: signedOut }),
  mutationCache: new MutationCache({ onError: signedOut }),
  defaultOptions: {
    queries: {
      // Live changes arrive as events and mark what is stale.
      staleTime: 60_000,
      // A refusal stays one; an unreachable controller is tried again, by hand or when the event stream is back.
      retry: (failures, error) =>
        failures < 2 && error instanceof Problem && error.code === 'controller.unreachable',
    },
  },
});
