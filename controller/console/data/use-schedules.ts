import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchSchedules = async () => (await answer(api.schedules.$get())).schedules;

export type Schedule = Awaited<ReturnType<typeof fetchSchedules>>[number];
export type NewSchedule = Parameters<typeof api.schedules.$post>[0]['json'];

export function useSchedules() {
  return useQuery({ queryKey: ['schedules'], queryFn: fetchSchedules });
}

export function useAddSchedule() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: (schedule: NewSchedule) => answer(api.schedules.$post({ json: schedule })),
    onSuccess: settled,
  });
}

export function useEnableSchedule() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
      answer(api.schedules[':id'].$patch({ param: { id }, json: { enabled } })),
    onSuccess: settled,
  });
}

export function useRemoveSchedule() {
  const settled = useRefetch();
  return useMutation({
    mutationFn: (id: string) => answer(api.schedules[':id'].$delete({ param: { id } })),
    onSuccess: settled,
  });
}

function useRefetch(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['schedules'] });
}
