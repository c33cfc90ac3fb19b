import { Button, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useChangePassword } from '../../data/use-me.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';

interface PasswordFormProps {
  readonly currentLabel: string;
  readonly action: string;
  readonly onChanged?: () => void;
}

const empty = { current: '', next: '', again: '' };

export function PasswordForm({ currentLabel, action, onChanged }: PasswordFormProps) {
  const { mutate: change, isPending, error } = useChangePassword();
  const [given, setGiven] = useState(empty);
  const differs = given.again !== '' && given.again !== given.next;
  const set = (field: keyof typeof empty, value: string) => setGiven({ ...given, [field]: value });

  function submit(): void {
    if (given.again !== given.next) return;
    change(
      { current: given.current, next: given.next },
      {
        onSuccess: () => {
          setGiven(empty);
          onChanged?.();
        },
      },
    );
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <PasswordInput
          label={currentLabel}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={given.current}
          onChange={(event) => set('current', event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="12 characters or more"
          autoComplete="new-password"
          minLength={12}
          required
          withAsterisk={false}
          value={given.next}
          onChange={(event) => set('next', event.currentTarget.value)}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={given.again}
          error={differs ? 'This is not the same password' : undefined}
          onChange={(event) => set('again', event.currentTarget.value)}
        />
        <ProblemAlert error={error} />
        <Button type="submit" loading={isPending} disabled={differs}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
