import { Text } from '@mantine/core';
import type { Run } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import classes from './fixes.module.css';

/** What was changed in the guest; the backup itself is never written. */
export function Fixes({ fixes, ended }: { readonly fixes: Run['fixes']; readonly ended: boolean }) {
  return (
    <Panel title="Fixes applied" aside={fixes.length > 0 ? `${fixes.length}` : undefined}>
      {fixes.length === 0 ? (
        <Empty title={ended ? 'No fixes' : 'No fixes so far'}>
          {ended
            ? 'Nothing was changed in the guest.'
            : 'Changes that the guest needs on the target are listed here. The backup itself is never written.'}
        </Empty>
      ) : (
        <ul className={classes.fixes}>
          {fixes.map(({ fix, summary, files }) => (
            <li key={`${fix} ${summary}`}>
              <Text fz="sm" fw={500}>
                {summary}
              </Text>
              <Text className="table-note mono">{fix}</Text>
              {files.length > 0 && <Text className="table-note mono">{files.join(', ')}</Text>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
