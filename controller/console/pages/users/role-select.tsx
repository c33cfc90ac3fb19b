import { Select } from '@mantine/core';
import type { Role } from '../../data/use-me.ts';

const roles: Role[] = ['viewer', 'operator', 'admin'];

interface RoleSelectProps {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

export function RoleSelect({ value, onChange }: RoleSelectProps) {
  return (
    <Select
      label="Role"
      data={roles}
      allowDeselect={false}
      value={value}
      onChange={(next) => next && onChange(next)}
    />
  );
}
