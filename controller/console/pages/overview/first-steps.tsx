import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useAgents } from '../../data/use-agents.ts';
import { useBackups } from '../../data/use-backups.ts';
import { useSites } from '../../data/use-sites.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProseLink } from '../../parts/prose-link.tsx';
import classes from './first-steps.module.css';

/** The way to the first restore, as far as it has been gone. */
export function FirstSteps() {
  const { data: sites = [] } = useSites();
  const { data: agents = [] } = useAgents();
  const { data: backups } = useBackups({ pageSize: '1' });
  const hasTarget = agents.some(({ targets }) => targets.length > 0);
  return (
    <Panel title="The way to your first restore">
      <ol className={classes.steps}>
        <Step done={sites.length > 0}>
          <ProseLink to="/sites">Add a site</ProseLink>: the place of your backups and targets.
        </Step>
        <Step done={agents.length > 0}>
          <ProseLink to="/sites">Add an agent</ProseLink> there, with the command that the site shows.
        </Step>
        <Step done={hasTarget}>
          Tell the agent where to restore to: <code>ascend-agent target add</code> on its host.
        </Step>
        <Step done={(backups?.total ?? 0) > 0}>
          See which <ProseLink to="/backups">backups</ProseLink> it finds.
        </Step>
        <Step done={false}>
          <ProseLink to="/restore">Restore one</ProseLink>: nothing is written before you have seen what it
          would do.
        </Step>
      </ol>
    </Panel>
  );
}

function Step({ done, children }: { readonly done: boolean; readonly children: ReactNode }) {
  return (
    <li data-tone={done ? 'ok' : 'idle'} data-done={done || undefined}>
      <span className={classes.mark}>{done && <IconCheck size={13} stroke={3} aria-label="Done" />}</span>
      <span>{children}</span>
    </li>
  );
}
