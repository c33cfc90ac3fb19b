import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { isFinal, type Run } from '../../data/use-runs.ts';
import { duration, elapsed } from '../../format/duration.ts';
import { FactStrip, type Fact } from '../../parts/facts.tsx';
import { Time } from '../../parts/time.tsx';
import { useNow } from '../../parts/use-now.ts';

export function RunFigures({ run }: { readonly run: Run }) {
  const { backup } = run;
  const facts: Fact[] = [
    run.startedAt === null
      ? ['Ordered', <Time key="at" at={run.createdAt} />]
      : ['Started', <Time key="at" at={run.startedAt} />],
    isFinal(run.state) ? ['Took', took(run)] : ['Elapsed', <Elapsed key="elapsed" since={run.startedAt} />],
    [
      'Backup',
      backup.id === null ? (
        backup.path
      ) : (
        <Anchor key="backup" component={Link} to={`/backups/${backup.id}`} fz="inherit">
          {backup.path}
        </Anchor>
      ),
    ],
    ['Target', run.target],
    ['Agent', run.agentName],
    ['Ordered by', run.scheduleId === null ? run.createdBy : 'a schedule'],
  ];
  if (run.resumptions > 0)
    facts.push(['Resumed', run.resumptions === 1 ? 'once' : `${run.resumptions} times`]);
  return <FactStrip facts={facts} />;
}

function Elapsed({ since }: { readonly since: string | null }) {
  const now = useNow(1000);
  return since === null ? 'not begun' : elapsed(now - Date.parse(since));
}

function took({ durationMs, startedAt, finishedAt }: Run): string {
  if (durationMs !== null) return duration(durationMs);
  if (startedAt === null || finishedAt === null) return 'never began';
  return duration(Date.parse(finishedAt) - Date.parse(startedAt));
}
