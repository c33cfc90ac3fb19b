import { Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { usePlatformTitle } from '../../data/use-agents.ts';
import type { Backup, BackupQuery } from '../../data/use-backups.ts';
import { bytes } from '../../format/bytes.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import classes from './backup-table.module.css';

export interface Sorting {
  readonly sort: NonNullable<BackupQuery['sort']>;
  readonly order: 'asc' | 'desc';
}

interface BackupTableProps {
  readonly backups: readonly Backup[];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  readonly action: string;
  readonly onOpen: (backup: Backup) => void;
  readonly chosen: string | undefined;
}

export function BackupTable({ backups, sorting, onSort, action, onOpen, chosen }: BackupTableProps) {
  const titleOf = usePlatformTitle();
  const sortable = { sorting, onSort };
  return (
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <SortableHeading label="Machine" by="machineName" {...sortable} />
          <SortableHeading label="Captured" by="capturedAt" {...sortable} />
          <SortableHeading label="Platform" by="platform" wide {...sortable} />
          <SortableHeading label="Disks" by="diskBytes" wide {...sortable} />
          <Table.Th visibleFrom="md">Repository</Table.Th>
          <Table.Th visibleFrom="sm">Agent</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {backups.map((backup) => (
          <Table.Tr
            key={backup.id}
            className={classes.row}
            data-chosen={backup.id === chosen || undefined}
            onClick={() => onOpen(backup)}
          >
            <Table.Td className="wrap">
              <UnstyledButton
                className={classes.open}
                aria-label={`${action} ${backup.machineName}, ${backup.path}`}
                aria-pressed={chosen === undefined ? undefined : backup.id === chosen}
              >
                {backup.machineName || backup.path}
              </UnstyledButton>
              {!backup.usable && <StateBadge tone="bad">Not usable</StateBadge>}
              {backup.guestName !== null && <Text className="table-note">{backup.guestName}</Text>}
            </Table.Td>
            <Table.Td>
              <Time at={backup.capturedAt} none="Not stated" />
              <Text className="table-note">
                <Kind backup={backup} />
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{titleOf(backup.platform)}</Table.Td>
            <Table.Td visibleFrom="sm" className="figure">
              {bytes(backup.diskBytes)}
              <Text className="table-note">{bytes(backup.storedBytes)} stored</Text>
            </Table.Td>
            <Table.Td visibleFrom="md" className="wrap">
              {backup.repository}
              <Text className="table-note mono">{backup.path}</Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{backup.agentName}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Only a backup set says whether it is full; of other files there is their age, which is not when they were captured. */
function Kind({ backup: { backupId, parentId, filesModifiedAt } }: { readonly backup: Backup }) {
  if (backupId !== '') return parentId === null ? 'Full' : 'Increment';
  if (filesModifiedAt === null) return null;
  return (
    <>
      Files from <Time at={filesModifiedAt} />
    </>
  );
}

interface SortableHeadingProps {
  readonly label: string;
  readonly by: Sorting['sort'];
  /** Left out where there is little room. */
  readonly wide?: boolean;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function SortableHeading({ label, by, wide = false, sorting, onSort }: SortableHeadingProps) {
  const active = sorting.sort === by;
  const Icon = sorting.order === 'asc' ? IconArrowUp : IconArrowDown;
  const order = active && sorting.order === 'desc' ? 'asc' : 'desc';
  return (
    <Table.Th
      visibleFrom={wide ? 'sm' : undefined}
      aria-sort={active ? (sorting.order === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      <UnstyledButton className={classes.sort} onClick={() => onSort({ sort: by, order })}>
        {label}
        {active && <Icon size={13} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}
