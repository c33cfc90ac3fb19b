import { Button, Group, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '../../data/use-me.ts';
import { useRuns } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RunTable } from './run-table.tsx';

const views = {
  all: {},
  active: { active: 'true' },
  succeeded: { state: 'succeeded' },
  failed: { state: 'failed' },
} as const;
type View = keyof typeof views;

const kinds = { all: {}, restore: { kind: 'restore' }, rehearsal: { kind: 'rehearsal' } } as const;
type Kind = keyof typeof kinds;

export function Runs() {
  const [view, setView] = useState<View>('all');
  const [kind, setKind] = useState<Kind>('all');
  const [page, setPage] = useState(1);
  const query = useRuns({ ...views[view], ...kinds[kind], page: String(page), pageSize: '25' });
  const mayRestore = useMay('operator');
  const unfiltered = view === 'all' && kind === 'all';
  return (
    <Page title="Runs" about="Each restore and rehearsal that was ordered, and what came of it.">
      <Group gap="sm">
        <SegmentedControl
          aria-label="Which runs"
          maw="100%"
          data={[
            { value: 'all', label: 'All' },
            { value: 'active', label: 'Not ended' },
            { value: 'succeeded', label: 'Succeeded' },
            { value: 'failed', label: 'Failed' },
          ]}
          value={view}
          onChange={(value) => {
            setView(value);
            setPage(1);
          }}
        />
        <SegmentedControl
          aria-label="Of which kind"
          maw="100%"
          data={[
            { value: 'all', label: 'Both kinds' },
            { value: 'restore', label: 'Restores' },
            { value: 'rehearsal', label: 'Rehearsals' },
          ]}
          value={kind}
          onChange={(value) => {
            setKind(value);
            setPage(1);
          }}
        />
      </Group>
      <Panel title="Runs" flush>
        <Loaded query={query}>
          {({ runs, pageSize, total }) => (
            <>
              {runs.length === 0 ? (
                <Empty
                  title={unfiltered ? 'Nothing has been restored yet' : 'No such runs'}
                  action={
                    mayRestore &&
                    unfiltered && (
                      <Button component={Link} to="/restore">
                        Restore a backup
                      </Button>
                    )
                  }
                >
                  {unfiltered
                    ? 'A run appears here as soon as a restore or a rehearsal is ordered.'
                    : 'Choose another view above.'}
                </Empty>
              ) : (
                <RunTable runs={runs} />
              )}
              <Pager page={page} pageSize={pageSize} total={total} noun="runs" onChange={setPage} />
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
