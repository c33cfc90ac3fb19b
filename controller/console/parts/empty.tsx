import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyProps {
  readonly title: string;
  /** What to do about it. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Says that there is nothing, why that may be, and what to do next. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <Stack gap={6} align="center" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" fz="sm" maw={520} component="div">
        {children}
      </Text>
      {action && <Group mt="xs">{action}</Group>}
    </Stack>
  );
}
