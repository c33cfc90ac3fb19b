import { Anchor, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { RunSummary } from '../../data/use-runs.ts';
import { duration, elapsed } from '../../format/duration.ts';
import { RunStateBadge } from '../../parts/run-state.tsx';
import { Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';
import { kindTitles } from './kinds.ts';
import { RunBar } from './run-bar.tsx';

export function RunTable({ runs }: { readonly runs: readonly RunSummary[] }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Machine</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th visibleFrom="sm">Target</Table.Th>
          <Table.Th visibleFrom="sm">Ordered</Table.Th>
          <Table.Th visibleFrom="md">Took</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Table.Tr key={run.id}>
            <Table.Td className="wrap">
              <Anchor component={Link} to={`/runs/${run.id}`} fz="sm" fw={550}>
                {run.backup.machineName}
              </Anchor>
              <Text className="table-note">
                {kindTitles[run.kind]} of {run.backup.path}
              </Text>
            </Table.Td>
            <Table.Td>
              <RunStateBadge run={run} />
              <RunBar run={run} />
              {run.error && <Text className="table-note wrap">{run.error.message}</Text>}
              {run.outOfContactSince !== null && <Text className="table-note">Agent out of contact</Text>}
            </Table.Td>
            <Table.Td visibleFrom="sm" className="wrap">
              {run.target}
              <Text className="table-note">{run.agentName}</Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={run.createdAt} />
              <Text className="table-note">
                {run.scheduleId === null ? `by ${run.createdBy}` : 'by a schedule'}
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="md" className="figure" style={{ whiteSpace: 'nowrap' }}>
              <Took run={run} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Took({ run: { startedAt, finishedAt } }: { readonly run: RunSummary }) {
  const now = useNow(1000);
  if (startedAt === null) return '-';
  const start = Date.parse(startedAt);
  return finishedAt === null ? elapsed(now - start) : duration(Date.parse(finishedAt) - start);
}
