import { Modal, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useChangeUser, type User } from '../../data/use-users.ts';
import { FormEnd } from '../../parts/form-end.tsx';
import { RoleSelect } from './role-select.tsx';

export function ChangeUser({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const { mutate: change, isPending, error } = useChangeUser();
  const [role, setRole] = useState(user.role);
  const [password, setPassword] = useState('');
  return (
    <Modal opened onClose={onClose} title={`Change ${user.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change({ id: user.id, role, ...(password === '' ? {} : { password }) }, { onSuccess: onClose });
        }}
      >
        <Stack>
          <RoleSelect value={role} onChange={setRole} />
          <PasswordInput
            label="New password"
            description="Only where the old one is lost; leave it empty otherwise"
            autoComplete="new-password"
            minLength={12}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <FormEnd error={error} isPending={isPending} submit="Save" onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
