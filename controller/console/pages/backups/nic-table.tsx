import { Table, Text } from '@mantine/core';
import type { Machine } from '../../data/use-backups.ts';

export function NicTable({ nics }: { readonly nics: Machine['nics'] }) {
  if (nics.length === 0) {
    return (
      <Text fz="sm" c="dimmed" p="md">
        The machine has no NIC.
      </Text>
    );
  }
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>NIC</Table.Th>
          <Table.Th>Network</Table.Th>
          <Table.Th visibleFrom="sm">MAC address</Table.Th>
          <Table.Th visibleFrom="sm">Addresses</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {nics.map((nic) => (
          <Table.Tr key={nic.id}>
            <Table.Td>
              <span className="mono">{nic.id}</span>
              <Text className="table-note">
                {[nic.model, nic.connected === false ? 'not connected' : undefined]
                  .filter(Boolean)
                  .join(', ')}
              </Text>
            </Table.Td>
            <Table.Td className="wrap">
              {nic.network ?? 'unknown'}
              {nic.vlan !== null && <Text className="table-note">VLAN {nic.vlan}</Text>}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <span className="mono">{nic.mac ?? 'unknown'}</span>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <span className="mono">{nic.addresses.join(', ') || 'unknown'}</span>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
