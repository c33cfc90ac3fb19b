import { Group, Loader, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Check } from '../../data/use-check.ts';
import { bytes } from '../../format/bytes.ts';
import { duration } from '../../format/duration.ts';
import { FactStrip } from '../../parts/facts.tsx';
import { Findings } from '../../parts/findings.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Tone } from '../../parts/tone.ts';

const verdicts: Record<Check['verdict'], { tone: Tone; text: string }> = {
  ok: { tone: 'ok', text: 'Nothing stands in the way' },
  warn: { tone: 'warn', text: 'It can be restored; read the warnings first' },
  block: { tone: 'bad', text: 'It cannot be restored like this' },
};

export function CheckResult({ query }: { readonly query: UseQueryResult<Check> }) {
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
  const { tone, text } = verdicts[check.verdict];
  return (
    <Stack>
      <Notice tone={tone} title={text} />
      {check.estimate && (
        <FactStrip
          facts={[
            ['To copy', bytes(check.estimate.copyBytes)],
            ['Estimated time', duration(check.estimate.seconds * 1000)],
          ]}
        />
      )}
      {check.findings.length > 0 && <Findings findings={check.findings} />}
    </Stack>
  );
}
