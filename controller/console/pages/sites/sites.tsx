import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAgents, type Agent } from '../../data/use-agents.ts';
import { useMay } from '../../data/use-me.ts';
import { useSites, type Site } from '../../data/use-sites.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { AddAgent } from './add-agent.tsx';
import { AddSite } from './add-site.tsx';
import { AgentCard } from './agent-card.tsx';

export function Sites() {
  const sites = useSites();
  const agents = useAgents();
  const mayManage = useMay('admin');
  const [addingSite, { open, close }] = useDisclosure(false);
  const addSite = (
    <Button variant="default" onClick={open}>
      Add site
    </Button>
  );
  return (
    <Page
      title="Sites and agents"
      about="A site is a place with repositories and targets. An agent is the worker on a host there; it dials out to this controller."
      actions={mayManage && addSite}
    >
      <Loaded query={sites}>
        {(all) =>
          all.length === 0 ? (
            <Panel title="Sites">
              <Empty title="No site yet" action={mayManage && addSite}>
                Add the place where your backups and your targets are; then add an agent there.
              </Empty>
            </Panel>
          ) : (
            <Loaded query={agents}>
              {(known) => all.map((site) => <SitePanel key={site.id} site={site} agents={known} />)}
            </Loaded>
          )
        }
      </Loaded>
      {addingSite && <AddSite onClose={close} />}
    </Page>
  );
}

function SitePanel({ site, agents }: { readonly site: Site; readonly agents: readonly Agent[] }) {
  const mayManage = useMay('admin');
  const [adding, setAdding] = useState(false);
  const here = agents.filter((agent) => agent.siteId === site.id);
  const add = mayManage && (
    <Button size="xs" onClick={() => setAdding(true)}>
      Add agent
    </Button>
  );
  return (
    <Panel title={site.name} aside={add}>
      {here.length === 0 ? (
        <Empty title="No agent at this site">
          {mayManage
            ? 'Choose "Add agent" to get a command that enrols the host which is to do the restores here.'
            : 'Ask an admin to add one.'}
        </Empty>
      ) : (
        <Stack gap="lg">
          {here.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </Stack>
      )}
      {adding && <AddAgent site={site} agents={here} onClose={() => setAdding(false)} />}
    </Panel>
  );
}
