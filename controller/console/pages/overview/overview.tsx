import { Anchor, Grid, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { useAgents } from '../../data/use-agents.ts';
import { useBackups } from '../../data/use-backups.ts';
import { useRuns } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { FactStrip } from '../../parts/facts.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RunTable } from '../runs/run-table.tsx';
import { ActiveRuns } from './active-runs.tsx';
import { AgentList } from './agent-list.tsx';
import { FirstSteps } from './first-steps.tsx';

/** What runs now, what came of the last restores, and which agents do not answer. */
export function Overview() {
  const agents = useAgents();
  const backups = useBackups({ pageSize: '1' });
  const active = useRuns({ active: 'true', pageSize: '20' });
  const ended = useRuns({ active: 'false', pageSize: '8' });
  const known = agents.data?.filter(({ state }) => state !== 'revoked') ?? [];
  const away = known.filter(({ state }) => state === 'offline');
  return (
    <Page title="Overview">
      <FactStrip
        facts={[
          ['Running now', active.data?.total ?? '-'],
          ['Agents in contact', agents.data ? `${known.length - away.length} of ${known.length}` : '-'],
          ['Backups found', backups.data?.total ?? '-'],
          ['Runs ended', ended.data?.total ?? '-'],
        ]}
      />
      {ended.data?.total === 0 && <FirstSteps />}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="lg">
            <Panel title="Running now" flush>
              <Loaded query={active}>{({ runs }) => <ActiveRuns runs={runs} />}</Loaded>
            </Panel>
            <Panel
              title="Last results"
              flush
              aside={
                <Anchor component={Link} to="/runs" fz="sm">
                  All runs
                </Anchor>
              }
            >
              <Loaded query={ended}>
                {({ runs }) =>
                  runs.length > 0 ? (
                    <RunTable runs={runs} />
                  ) : (
                    <Empty title="No results yet">They stay here once a run has ended.</Empty>
                  )
                }
              </Loaded>
            </Panel>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Panel title="Agents">
            <Loaded query={agents}>{() => <AgentList agents={known} />}</Loaded>
          </Panel>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
