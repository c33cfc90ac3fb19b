import { Button, SegmentedControl } from '@mantine/core';
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

export function Runs() {
  const [view, setView] = useState<View>('all');
  const [page, setPage] = useState(1);
  const query = useRuns({ ...views[view], page: String(page), pageSize: '25' });
  const mayRestore = useMay('operator');
  return (
    <Page title="Runs" about="Each restore that was ordered, and what came of it.">
      <SegmentedControl
        aria-label="Which runs"
        w="fit-content"
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
      <Panel title="Runs" flush>
        <Loaded query={query}>
          {({ runs, pageSize, total }) => (
            <>
              {runs.length === 0 ? (
                <Empty
                  title={view === 'all' ? 'Nothing has been restored yet' : 'No such runs'}
                  action={
                    mayRestore &&
                    view === 'all' && (
                      <Button component={Link} to="/restore">
                        Restore a backup
                      </Button>
                    )
                  }
                >
                  {view === 'all'
                    ? 'A run appears here as soon as a restore is ordered.'
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
