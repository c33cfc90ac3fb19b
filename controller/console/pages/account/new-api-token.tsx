import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMakeApiToken } from '../../data/use-api-tokens.ts';
import { useMay, type Role } from '../../data/use-me.ts';
import { FormEnd } from '../../parts/form-end.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';

export function NewApiToken({ onClose }: { readonly onClose: () => void }) {
  const { mutate: make, data: made, isPending, error } = useMakeApiToken();
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [role, setRole] = useState<Role>('viewer');
  const roles: Role[] = ['viewer'];
  if (useMay('operator')) roles.push('operator');
  if (useMay('admin')) roles.push('admin');
  return (
    <Modal opened onClose={onClose} title="New API token">
      {made ? (
        <Stack>
          <SecretOnce text={made.token} label="API token" expiresAt={made.expiresAt} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make({ name, role, days });
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              description="What will use it"
              required
              withAsterisk={false}
              maxLength={100}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="Role"
              description="A viewer reads; an operator also restores; an admin may do everything"
              data={roles}
              allowDeselect={false}
              value={role}
              onChange={(value) => value && setRole(value)}
            />
            <NumberInput
              label="Days until it expires"
              min={1}
              max={365}
              allowDecimal={false}
              value={days}
              onChange={(value) => setDays(Number(value) || 1)}
            />
            <FormEnd error={error} isPending={isPending} submit="Make token" onCancel={onClose} />
          </Stack>
        </form>
      )}
    </Modal>
  );
}
