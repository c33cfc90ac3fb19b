import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useBackups, type Backup } from '../../data/use-backups.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Pager } from '../../parts/pager.tsx';
import { BackupTable, type Sorting } from './backup-table.tsx';

interface BackupBrowserProps {
  /** What opening a row does, for people who hear the page: "Details of", "Choose". */
  readonly action: string;
  readonly onOpen: (backup: Backup) => void;
  readonly chosen?: string | undefined;
}

/** Searches, sorts and pages through the catalogue. */
export function BackupBrowser({ action, onOpen, chosen }: BackupBrowserProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [sorting, setSorting] = useState<Sorting>({ sort: 'capturedAt', order: 'desc' });
  const [page, setPage] = useState(1);
  const query = useBackups({
    ...sorting,
    page: String(page),
    pageSize: '25',
    ...(search === '' ? {} : { search }),
  });
  return (
    <>
      <TextInput
        p="sm"
        aria-label="Search backups"
        placeholder="Search by machine, platform, repository or path"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setPage(1);
        }}
      />
      <Loaded query={query}>
        {({ backups, total, pageSize }) => (
          <>
            {backups.length === 0 ? (
              <NoBackups searched={search !== ''} />
            ) : (
              <BackupTable
                backups={backups}
                sorting={sorting}
                onSort={setSorting}
                action={action}
                onOpen={onOpen}
                chosen={chosen}
              />
            )}
            <Pager page={page} pageSize={pageSize} total={total} noun="backups" onChange={setPage} />
          </>
        )}
      </Loaded>
    </>
  );
}

function NoBackups({ searched }: { readonly searched: boolean }) {
  if (searched) return <Empty title="No backup matches">Search for something else.</Empty>;
  return (
    <Empty title="No backups found yet">
      An agent lists what lies in its repositories. Add an agent under &quot;Sites and agents&quot;, and name
      the folders of your backups in its configuration. They appear here by themselves.
    </Empty>
  );
}
