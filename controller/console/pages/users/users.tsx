import { Button, Group, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useMe } from '../../data/use-me.ts';
import { useUsers, type User } from '../../data/use-users.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { AddUser } from './add-user.tsx';
import { ChangeUser } from './change-user.tsx';
import { RemoveUser } from './remove-user.tsx';

export function Users() {
  const query = useUsers();
  const [adding, { open, close }] = useDisclosure(false);
  return (
    <Page
      title="Users"
      about="A viewer reads; an operator also restores and schedules; an admin also manages sites, agents and users."
      actions={<Button onClick={open}>Add user</Button>}
    >
      <Panel title="All users" flush>
        <Loaded query={query}>{(users) => <UserTable users={users} />}</Loaded>
      </Panel>
      {adding && <AddUser onClose={close} />}
    </Page>
  );
}

function UserTable({ users }: { readonly users: readonly User[] }) {
  const { data: me } = useMe();
  const [changing, setChanging] = useState<User>();
  const [removing, setRemoving] = useState<User>();
  return (
    <>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th visibleFrom="sm">Since</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td className="wrap">
                {user.name}
                {user.mustChangePassword && (
                  <Text className="table-note">Has not replaced the one-time password</Text>
                )}
              </Table.Td>
              <Table.Td>{user.role}</Table.Td>
              <Table.Td visibleFrom="sm">
                <Time at={user.createdAt} />
              </Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end">
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={`Change ${user.name}`}
                    onClick={() => setChanging(user)}
                  >
                    Change
                  </Button>
                  {user.name !== me?.name && (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      aria-label={`Remove ${user.name}`}
                      onClick={() => setRemoving(user)}
                    >
                      Remove
                    </Button>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {changing && <ChangeUser user={changing} onClose={() => setChanging(undefined)} />}
      {removing && <RemoveUser user={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}
