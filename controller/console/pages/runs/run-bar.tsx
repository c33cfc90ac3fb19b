import { Progress, Text } from '@mantine/core';
import { useProgress, type RunSummary } from '../../data/use-runs.ts';
import { shareOf } from './share.ts';

/** One line of progress, for lists. Nothing where none is known. */
export function RunBar({ run }: { readonly run: RunSummary }) {
  const progress = useProgress(run);
  if (!progress) return null;
  const share = shareOf(progress);
  return (
    <>
      {share !== undefined && (
        <Progress
          mt={6}
          size={5}
          value={share}
          color="var(--busy-mark)"
          aria-label={`Progress of ${run.backup.machineName}`}
        />
      )}
      <Text className="table-note figure">
        {progress.activity || progress.step}
        {share !== undefined && `, ${Math.floor(share)} %`}
      </Text>
    </>
  );
}
