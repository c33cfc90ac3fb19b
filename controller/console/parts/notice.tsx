import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './problem-alert.module.css';
import type { Tone } from './tone.ts';

const icons = {
  ok: IconCircleCheck,
  warn: IconAlertTriangle,
  bad: IconAlertTriangle,
  busy: IconInfoCircle,
  idle: IconInfoCircle,
};

/** Something to know before going on. */
export function Notice({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  const Icon = icons[tone];
  return (
    <Alert
      className={classes.alert}
      data-tone={tone}
      role={tone === 'bad' || tone === 'warn' ? 'alert' : 'status'}
      icon={<Icon size={18} aria-hidden />}
      title={title}
    >
      {children}
    </Alert>
  );
}
