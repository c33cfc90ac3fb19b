import { Button, Group } from '@mantine/core';

interface StepButtonsProps {
  readonly onBack: () => void;
  /** Undefined: this step is not complete. */
  readonly onNext: (() => void) | undefined;
  readonly onReview?: (() => void) | undefined;
}

export function StepButtons({ onBack, onNext, onReview }: StepButtonsProps) {
  return (
    <Group justify="space-between">
      <Button variant="default" onClick={onBack}>
        Back
      </Button>
      <Group gap="sm">
        {onReview && (
          <Button variant="subtle" onClick={onReview}>
            Skip to review
          </Button>
        )}
        <Button onClick={onNext} disabled={onNext === undefined}>
          Next
        </Button>
      </Group>
    </Group>
  );
}
