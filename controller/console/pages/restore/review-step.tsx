import { Button, Grid, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { BackupDetails } from '../../data/use-backups.ts';
import { useCheck } from '../../data/use-check.ts';
import { useStartRun, type RunRequest } from '../../data/use-runs.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { AddSchedule } from '../schedules/add-schedule.tsx';
import { CheckResult } from './check-result.tsx';
import { Summary } from './summary.tsx';

interface ReviewStepProps {
  readonly backup: BackupDetails;
  readonly request: RunRequest;
  readonly onBack: () => void;
}

export function ReviewStep({ backup, request, onBack }: ReviewStepProps) {
  const navigate = useNavigate();
  const check = useCheck(request);
  const { mutate: start, isPending, error } = useStartRun();
  // However often the button is pressed, this review starts one run.
  const [key] = useState(() => crypto.randomUUID());
  const [scheduling, setScheduling] = useState(false);
  const blocked = check.data?.verdict === 'block';
  const rehearsal = request.kind === 'rehearsal';
  return (
    <Stack>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Panel title="What will be done">
            <Summary backup={backup} request={request} />
          </Panel>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Panel
            title="What the agent found"
            aside={
              <Button
                size="compact-sm"
                variant="subtle"
                leftSection={<IconRefresh size={15} aria-hidden />}
                loading={check.isFetching}
                onClick={() => void check.refetch()}
              >
                Check again
              </Button>
            }
          >
            <CheckResult request={request} query={check} />
          </Panel>
        </Grid.Col>
      </Grid>
      <ProblemAlert error={error} title="The run was not started" />
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Group gap="sm">
          {blocked && (
            <Text fz="sm" fw={550} id="blocked">
              Mend what blocks it, then check again.
            </Text>
          )}
          <Button variant="default" onClick={() => setScheduling(true)}>
            Schedule it
          </Button>
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={blocked || check.isPending}
            aria-describedby={blocked ? 'blocked' : undefined}
            loading={isPending}
            onClick={() => start({ request, key }, { onSuccess: ({ id }) => void navigate(`/runs/${id}`) })}
          >
            {rehearsal
              ? 'Start rehearsal'
              : check.data?.verdict === 'warn'
                ? 'Start in spite of warnings'
                : 'Start restore'}
          </Button>
        </Group>
      </Group>
      {scheduling && <AddSchedule backup={backup} request={request} onClose={() => setScheduling(false)} />}
    </Stack>
  );
}
