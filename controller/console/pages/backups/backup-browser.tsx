import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useBackups, type Backup } from '../../data/use-backups.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Pager } from '../../parts/pager.tsx';
import { BackupTable } from './backup-table.tsx';
import { useBackupView } from './use-backup-view.ts';

interface BackupBrowserProps {
  /** What opening a row does, for people who hear the page: "Details of", "Choose". */
  readonly action: string;
  readonly onOpen: (backup: Backup) => void;
  readonly chosen?: string | undefined;
}

/** Searches, sorts and pages through the catalogue. */
export function BackupBrowser({ action, onOpen, chosen }: BackupBrowserProps) {
  const [{ search, sort, order, page }, change] = useBackupView();
  const [typed, setTyped] = useTypedSearch(search, (text) => change({ search: text }));
  const query = useBackups({
    sort,
    order,
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
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Loaded query={query}>
        {({ backups, total, pageSize }) => (
          <>
            {backups.length === 0 ? (
              <NoBackups searched={search !== ''} />
            ) : (
              <BackupTable
                backups={backups}
                sorting={{ sort, order }}
                onSort={change}
                action={action}
                onOpen={onOpen}
                chosen={chosen}
              />
            )}
            <Pager
              page={page}
              pageSize={pageSize}
              total={total}
              noun="backups"
              onChange={(to) => change({ page: to })}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

/** What is in the field, which is ahead of what is searched for; a search from elsewhere (a link) fills the field. */
function useTypedSearch(search: string, onSearch: (text: string) => void) {
  const [typed, setTyped] = useState(search);
  const [sent, setSent] = useState(search);
  const [seen, setSeen] = useState(search);
  const send = useDebouncedCallback((text: string) => {
    setSent(text);
    onSearch(text);
  }, 250);
  if (search !== seen) {
    setSeen(search);
    if (search !== sent) {
      setSent(search);
      setTyped(search);
    }
  }
  const type = (text: string): void => {
    setTyped(text);
    send(text.trim());
  };
  return [typed, type] as const;
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
