import { Button, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useAudit, useVerifyAudit, type AuditEntry } from '../../data/use-audit.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';

export function AuditLog() {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [page, setPage] = useState(1);
  const query = useAudit({ page: String(page), ...(search === '' ? {} : { search }) });
  const { mutate: verify, data: verdict, isPending, error } = useVerifyAudit();
  return (
    <Page
      title="Audit log"
      about="Who did what, and what came of it. Each entry carries a hash of the one before, so that a change shows."
      actions={
        <Button variant="default" onClick={() => verify()} loading={isPending}>
          Verify the log
        </Button>
      }
    >
      <ProblemAlert error={error} />
      {verdict?.intact === true && (
        <Notice tone="ok" title={`The log is intact: all ${verdict.entries} entries fit together.`} />
      )}
      {verdict?.intact === false && (
        <Notice tone="bad" title={`The log was changed at entry ${verdict.brokenAt ?? 'unknown'}.`}>
          Compare the controller&apos;s database with its last backup.
        </Notice>
      )}
      <Panel title="Entries" flush>
        <TextInput
          p="sm"
          aria-label="Search the audit log"
          placeholder="Search by person, action or subject"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPage(1);
          }}
        />
        <Loaded query={query}>
          {({ entries, pageSize, total }) => (
            <>
              {entries.length === 0 ? (
                <Empty title="No entry matches">Search for something else.</Empty>
              ) : (
                <Entries entries={entries} />
              )}
              <Pager page={page} pageSize={pageSize} total={total} noun="entries" onChange={setPage} />
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>Who</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th visibleFrom="sm">Outcome</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.sequence}>
            <Table.Td>
              <Time at={entry.at} />
            </Table.Td>
            <Table.Td className="wrap">
              {entry.actor || 'nobody'}
              <Text className="table-note">{[entry.by, entry.remote].filter(Boolean).join(' from ')}</Text>
            </Table.Td>
            <Table.Td className="wrap">
              <span className="mono">{entry.action}</span>
              <Text className="table-note">{[entry.subject, entry.detail].filter(Boolean).join(': ')}</Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <StateBadge tone={entry.outcome === 'done' ? 'ok' : 'bad'}>{entry.outcome}</StateBadge>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
