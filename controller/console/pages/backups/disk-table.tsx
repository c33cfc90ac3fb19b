import { Table, Text } from '@mantine/core';
import type { Machine } from '../../data/use-backups.ts';
import { bytesOrUnknown } from '../../format/bytes.ts';
import { StateBadge } from '../../parts/state-badge.tsx';

export function DiskTable({ disks }: { readonly disks: Machine['disks'] }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Disk</Table.Th>
          <Table.Th>Size</Table.Th>
          <Table.Th visibleFrom="sm">Controller</Table.Th>
          <Table.Th visibleFrom="sm">File</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {disks.map(({ id, label, sizeBytes, controller, file, format, boot }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <span className="mono">{id}</span> {boot && <StateBadge tone="idle">Boot</StateBadge>}
              {label !== null && <Text className="table-note">{label}</Text>}
            </Table.Td>
            <Table.Td className="figure">{bytesOrUnknown(sizeBytes)}</Table.Td>
            <Table.Td visibleFrom="sm">
              {controller ? [controller.kind, controller.model].filter(Boolean).join(', ') : 'unknown'}
            </Table.Td>
            <Table.Td visibleFrom="sm" className="wrap">
              <span className="mono">{file ?? 'missing'}</span>
              {format !== null && <Text className="table-note">{format}</Text>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
