import { useSearchParams } from 'react-router';
import type { Sorting } from './backup-table.tsx';

/** What of the list is seen. It is in the URL, so that a reload, a link and the way back show the same. */
export interface BackupView extends Sorting {
  readonly search: string;
  readonly page: number;
}

const SORTS: readonly Sorting['sort'][] = ['machineName', 'capturedAt', 'platform', 'diskBytes'];
const unchanged: BackupView = { search: '', sort: 'capturedAt', order: 'desc', page: 1 };

/** The page goes back to the first whenever something else changes. */
export function useBackupView(): [BackupView, (change: Partial<BackupView>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const view: BackupView = {
    search: parameters.get('search') ?? unchanged.search,
    sort: SORTS.find((sort) => sort === parameters.get('sort')) ?? unchanged.sort,
    order: parameters.get('order') === 'asc' ? 'asc' : 'desc',
    page: Math.max(1, Math.floor(Number(parameters.get('page')) || 1)),
  };
  const change = (news: Partial<BackupView>) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries({ page: 1, ...news })) {
          if (value === unchanged[name as keyof BackupView]) after.delete(name);
          else after.set(name, String(value));
        }
        return after;
      },
      { replace: true },
    );
  return [view, change];
}
