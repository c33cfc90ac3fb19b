import { Box, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Brand } from '../../shell/brand.tsx';
import classes from './gate.module.css';

interface GateProps {
  readonly title: string;
  readonly about: string;
  readonly children: ReactNode;
}

/** The frame of what stands before the console. */
export function Gate({ title, about, children }: GateProps) {
  useEffect(() => {
    document.title = `${title} - Ascend`;
  }, [title]);
  return (
    <main className={classes.gate}>
      <Box className={classes.card}>
        <Stack gap="lg">
          <Brand />
          <Stack gap={4}>
            <Title order={1}>{title}</Title>
            <Text fz="sm" c="dimmed">
              {about}
            </Text>
          </Stack>
          {children}
        </Stack>
      </Box>
    </main>
  );
}
