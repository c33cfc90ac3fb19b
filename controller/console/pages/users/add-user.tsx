import { Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../../data/use-me.ts';
import { useAddUser } from '../../data/use-users.ts';
import { FormEnd } from '../../parts/form-end.tsx';
import { RoleSelect } from './role-select.tsx';

export function AddUser({ onClose }: { readonly onClose: () => void }) {
  const { mutate: add, isPending, error } = useAddUser();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [password, setPassword] = useState('');
  return (
    <Modal opened onClose={onClose} title="Add user">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add({ name: name.trim(), role, password }, { onSuccess: onClose });
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="Lower-case letters, digits and . _ @ -"
            autoComplete="off"
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <RoleSelect value={role} onChange={setRole} />
          <PasswordInput
            label="One-time password"
            description="12 characters or more; it is replaced at the first sign-in"
            autoComplete="new-password"
            minLength={12}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <FormEnd error={error} isPending={isPending} submit="Add user" onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
