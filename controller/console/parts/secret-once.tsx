import { Stack, Text } from '@mantine/core';
import { Copyable } from './copyable.tsx';
import { Time } from './time.tsx';

interface SecretOnceProps {
  readonly text: string;
  readonly label: string;
  readonly expiresAt: string;
}

/** A secret that is shown this once. */
export function SecretOnce({ text, label, expiresAt }: SecretOnceProps) {
  return (
    <Stack gap={6}>
      <Copyable text={text} label={label} />
      <Text fz="sm" c="dimmed">
        Good until <Time at={expiresAt} />. It is shown this once.
      </Text>
    </Stack>
  );
}
