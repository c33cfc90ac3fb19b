import { Button, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useApiTokens, useRemoveApiToken, type ApiToken } from '../../data/use-api-tokens.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import { NewApiToken } from './new-api-token.tsx';

export function ApiTokens() {
  const query = useApiTokens();
  const [adding, { open, close }] = useDisclosure(false);
  const [removing, setRemoving] = useState<ApiToken>();
  const add = (
    <Button size="xs" variant="default" onClick={open}>
      New API token
    </Button>
  );
  return (
    <Panel title="API tokens" aside={add} flush>
      <Loaded query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty title="No API tokens">
              A script, or the command line with <code>ascend login</code>, uses one in place of a password.
            </Empty>
          ) : (
            <TokenTable tokens={tokens} onRemove={setRemoving} />
          )
        }
      </Loaded>
      {adding && <NewApiToken onClose={close} />}
      {removing && <RemoveToken token={removing} onClose={() => setRemoving(undefined)} />}
    </Panel>
  );
}

function TokenTable(props: {
  readonly tokens: readonly ApiToken[];
  readonly onRemove: (token: ApiToken) => void;
}) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th visibleFrom="sm">Role</Table.Th>
          <Table.Th visibleFrom="sm">Last used</Table.Th>
          <Table.Th>Good until</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.tokens.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td className="wrap">
              {token.name}
              <Text className="table-note">{token.userName}</Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{token.role}</Table.Td>
            <Table.Td visibleFrom="sm">
              <Ago at={token.lastUsedAt} />
            </Table.Td>
            <Table.Td>
              <Time at={token.expiresAt} />
            </Table.Td>
            <Table.Td ta="right">
              <Button
                size="compact-sm"
                variant="subtle"
                aria-label={`Revoke ${token.name}`}
                onClick={() => props.onRemove(token)}
              >
                Revoke
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function RemoveToken({ token, onClose }: { readonly token: ApiToken; readonly onClose: () => void }) {
  const { mutate: remove, isPending, error } = useRemoveApiToken();
  return (
    <Confirm
      opened
      title={`Revoke "${token.name}"?`}
      action="Revoke"
      pending={isPending}
      error={error}
      onConfirm={() => remove(token.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Whatever uses this token is refused from now on.
    </Confirm>
  );
}
