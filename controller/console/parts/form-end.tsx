import { Button, Group } from '@mantine/core';
import { ProblemAlert } from './problem-alert.tsx';

interface FormEndProps {
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly submit: string;
  readonly onCancel: () => void;
}

/** How a dialog's form ends: what went wrong, the way back, and the button that does it. */
export function FormEnd({ error, isPending, submit, onCancel }: FormEndProps) {
  return (
    <>
      <ProblemAlert error={error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          {submit}
        </Button>
      </Group>
    </>
  );
}
