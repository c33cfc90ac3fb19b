import { Group, Loader, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Check } from '../../data/use-check.ts';
import type { RunKind, RunRequest } from '../../data/use-runs.ts';
import { bytes } from '../../format/bytes.ts';
import { duration } from '../../format/duration.ts';
import { FactStrip } from '../../parts/facts.tsx';
import { Findings } from '../../parts/findings.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Tone } from '../../parts/tone.ts';

const tones: Record<Check['verdict'], Tone> = { ok: 'ok', warn: 'warn', block: 'bad' };
const texts: Record<RunKind, Record<Check['verdict'], string>> = {
  restore: {
    ok: 'Nothing stands in the way',
    warn: 'It can be restored; read the warnings first',
    block: 'It cannot be restored like this',
  },
  rehearsal: {
    ok: 'Nothing stands in the way',
    warn: 'It can be rehearsed; read the warnings first',
    block: 'It cannot be rehearsed like this',
  },
};

interface CheckResultProps {
  readonly request: RunRequest;
  readonly query: UseQueryResult<Check>;
}

export function CheckResult({ request: { kind = 'restore', options }, query }: CheckResultProps) {
  const { data: check, error, isFetching, refetch } = query;
  if (!check) {
    if (error && !isFetching) {
      return (
        <ProblemAlert error={error} title="The agent could not be asked" onRetry={() => void refetch()} />
      );
    }
    return (
      <Group gap="sm" role="status">
        <Loader size="sm" aria-hidden />
        <Text fz="sm">The agent looks at the backup and at the target; this takes up to a minute.</Text>
      </Group>
    );
  }
  return (
    <Stack>
      <Notice tone={tones[check.verdict]} title={texts[kind][check.verdict]} />
      {check.estimate && kind === 'restore' && (
        <FactStrip
          facts={[
            ['To copy', bytes(check.estimate.copyBytes)],
            [
              'Estimated time',
              `${duration(check.estimate.seconds * 1000)}${options?.rehearse ? ', and the rehearsal' : ''}`,
            ],
          ]}
        />
      )}
      {check.findings.length > 0 && <Findings findings={check.findings} />}
    </Stack>
  );
}
