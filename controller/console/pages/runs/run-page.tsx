import { Button, Grid, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useMay } from '../../data/use-me.ts';
import { useRunEvents } from '../../data/use-run-events.ts';
import { isFinal, useProgress, useRun, type Run, type RunKind } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { Findings } from '../../parts/findings.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RunStateBadge } from '../../parts/run-state.tsx';
import { CancelRun } from './cancel-run.tsx';
import { EventList } from './event-list.tsx';
import { Evidence } from './evidence.tsx';
import { Fixes } from './fixes.tsx';
import { kindTitles } from './kinds.ts';
import { LiveProgress } from './live-progress.tsx';
import { NextAction } from './next-action.tsx';
import { Rehearsal } from './rehearsal.tsx';
import { RunFigures } from './run-figures.tsx';
import { StepRail } from './step-rail.tsx';

export function RunPage() {
  const { id = '' } = useParams();
  const query = useRun(id);
  const run = query.data;
  const [cancelling, setCancelling] = useState(false);
  const mayRestore = useMay('operator');
  const canCancel = mayRestore && run && !isFinal(run.state) && run.cancelRequestedAt === null;
  const backup = run?.backup.id ?? null;
  return (
    <Page
      title={run ? `${kindTitles[run.kind]} of ${run.backup.machineName}` : 'Run'}
      crumbs={[{ label: 'Runs', to: '/runs' }]}
      beside={run && <RunStateBadge run={run} />}
      actions={
        <>
          {canCancel && (
            <Button variant="default" onClick={() => setCancelling(true)}>
              Cancel the run
            </Button>
          )}
          {mayRestore && run && isFinal(run.state) && backup !== null && (
            <Again kind={run.kind} backup={backup} />
          )}
        </>
      }
    >
      <Loaded query={query}>{(loaded) => <RunDetails key={loaded.id} run={loaded} />}</Loaded>
      {cancelling && run && <CancelRun run={run} onClose={() => setCancelling(false)} />}
    </Page>
  );
}

function Again({ kind, backup }: { readonly kind: RunKind; readonly backup: string }) {
  if (kind === 'restore') {
    return (
      <Button component={Link} to={`/restore?backup=${backup}`} variant="default">
        Restore this backup again
      </Button>
    );
  }
  return (
    <>
      <Button component={Link} to={`/restore?backup=${backup}&kind=rehearsal`} variant="default">
        Rehearse again
      </Button>
      <Button component={Link} to={`/restore?backup=${backup}`} variant="default">
        Restore this backup
      </Button>
    </>
  );
}

function RunDetails({ run }: { readonly run: Run }) {
  const events = useRunEvents(run.id);
  const progress = useProgress(run);
  const ended = isFinal(run.state);
  return (
    <Stack gap="lg">
      <NextAction run={run} />
      <RunFigures run={run} />
      <Panel title="Steps">
        <StepRail run={run} />
        {progress && <LiveProgress progress={progress} stalled={run.outOfContactSince !== null} />}
      </Panel>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <Rehearsal run={run} />
            <Evidence run={run} />
            <Panel title="Events" aside={`${events.length}`}>
              <EventList events={events} ended={ended} />
            </Panel>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Panel title="Findings">
              {run.findings.length > 0 ? (
                <Findings findings={run.findings} />
              ) : (
                <Empty title={ended ? 'No findings' : 'No findings so far'}>
                  {ended ? 'The agent noted nothing.' : 'They appear as the agent meets them.'}
                </Empty>
              )}
            </Panel>
            <Fixes fixes={run.fixes} ended={ended} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
