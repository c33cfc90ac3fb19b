import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, api } from './client.ts';

const fetchBackups = (query: BackupQuery) => answer(api.backups.$get({ query }));
const fetchBackup = (id: string) => answer(api.backups[':id'].$get({ param: { id } }));

export type BackupQuery = NonNullable<Parameters<typeof api.backups.$get>[0]>['query'];
export type Backup = Awaited<ReturnType<typeof fetchBackups>>['backups'][number];
export type BackupDetails = Awaited<ReturnType<typeof fetchBackup>>;
export type Machine = NonNullable<BackupDetails['machine']>;
export type Finding = BackupDetails['findings'][number];

export function useBackups(query: BackupQuery = {}) {
  return useQuery({
    queryKey: ['backups', 'list', query],
    queryFn: () => fetchBackups(query),
    placeholderData: keepPreviousData,
  });
}

export function useBackup(id: string | undefined) {
  return useQuery({
    queryKey: ['backups', id],
    queryFn: () => fetchBackup(id ?? ''),
    enabled: id !== undefined,
  });
}
