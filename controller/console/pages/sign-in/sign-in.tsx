import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSignIn } from '../../data/use-me.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Gate } from './gate.tsx';

export function SignIn() {
  const { mutate: signIn, isPending, error } = useSignIn();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  return (
    <Gate title="Sign in" about="The first time, use the one-time password that the controller gave you.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn({ user: user.trim(), password });
        }}
      >
        <Stack>
          <TextInput
            label="User"
            autoComplete="username"
            autoCapitalize="none"
            autoFocus
            required
            withAsterisk={false}
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <ProblemAlert error={error} />
          <Button type="submit" loading={isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}
