import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schedule } from '../../data/use-schedules.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';

/** What came of the last time. */
export function ScheduleResult({ schedule }: { readonly schedule: Schedule }) {
  const { lastFiredAt, lastRunId, lastProblem, missedAt } = schedule;
  if (missedAt !== null) {
    return (
      <>
        <StateBadge tone="warn">Missed</StateBadge>
        <Text className="table-note">
          The controller was down at <Time at={missedAt} />
        </Text>
      </>
    );
  }
  if (lastProblem !== null) {
    return (
      <>
        <StateBadge tone="bad">No run</StateBadge>
        <Text className="table-note">{lastProblem}</Text>
      </>
    );
  }
  if (lastRunId === null) return <Time at={lastFiredAt} none="never" />;
  return (
    <Anchor component={Link} to={`/runs/${lastRunId}`} fz="sm">
      <Time at={lastFiredAt} none="Run" />
    </Anchor>
  );
}
