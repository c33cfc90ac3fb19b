import { Alert, Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Problem } from '../data/problem.ts';
import classes from './problem-alert.module.css';

interface ProblemAlertProps {
  readonly error: Error | null;
  readonly title?: string;
  readonly onRetry?: () => void;
}

/** What went wrong, and what to do next, in the words of the API. Nothing where there is no error. */
export function ProblemAlert({ error, title, onRetry }: ProblemAlertProps) {
  if (!error) return null;
  const { code, hint } = error instanceof Problem ? error : { code: undefined, hint: null };
  return (
    <Alert
      className={classes.alert}
      data-tone="bad"
      role="alert"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={title ?? error.message}
    >
      {title !== undefined && <Text fz="sm">{error.message}</Text>}
      {hint !== null && <Text fz="sm">{hint}</Text>}
      {code !== undefined && <Text className="mono">{code}</Text>}
      {onRetry && (
        <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
