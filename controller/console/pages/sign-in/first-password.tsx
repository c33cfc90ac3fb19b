import { Button, Stack } from '@mantine/core';
import { useSignOut, type Me } from '../../data/use-me.ts';
import { PasswordForm } from '../account/password-form.tsx';
import { Gate } from './gate.tsx';

/** Nothing else is served until the one-time password is replaced. */
export function FirstPassword({ me }: { readonly me: Me }) {
  const { mutate: signOut } = useSignOut();
  return (
    <Gate
      title="Choose a password"
      about={`You are signed in as ${me.name} with a one-time password. Replace it to go on.`}
    >
      <Stack>
        <PasswordForm currentLabel="One-time password" action="Set password" />
        <Button variant="subtle" onClick={() => signOut()}>
          Sign out
        </Button>
      </Stack>
    </Gate>
  );
}
