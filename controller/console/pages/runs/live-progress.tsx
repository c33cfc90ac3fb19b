import { Group, Progress as Bar, Text } from '@mantine/core';
import type { Progress } from '../../data/use-runs.ts';
import { bytes } from '../../format/bytes.ts';
import { elapsed } from '../../format/duration.ts';
import classes from './live-progress.module.css';
import { shareOf } from './share.ts';

interface LiveProgressProps {
  readonly progress: Progress;
  /** The agent is away: these are the last figures that it gave. */
  readonly stalled: boolean;
}

export function LiveProgress({ progress, stalled }: LiveProgressProps) {
  const share = shareOf(progress);
  const { doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  return (
    <div className={classes.live} data-stalled={stalled || undefined}>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text fz="sm" fw={550}>
          {progress.activity || progress.step}
        </Text>
        {share !== undefined && (
          <Text fz="sm" fw={600} className="figure">
            {Math.floor(share)} %
          </Text>
        )}
      </Group>
      {share !== undefined && (
        <Bar
          value={share}
          size={8}
          color={stalled ? 'var(--idle-mark)' : 'var(--busy-mark)'}
          aria-label="Progress of the step"
        />
      )}
      <Group gap="lg" mt={6} className={classes.figures}>
        {totalBytes > 0 && (
          <span>
            {bytes(doneBytes)} of {bytes(totalBytes)}
          </span>
        )}
        {bytesPerSecond > 0 && <span>{bytes(bytesPerSecond)}/s</span>}
        {secondsLeft !== null && <span>{elapsed(secondsLeft * 1000)} left</span>}
        {stalled && <span>as last heard</span>}
      </Group>
    </div>
  );
}
