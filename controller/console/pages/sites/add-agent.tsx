import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Agent } from '../../data/use-agents.ts';
import { useMakeEnrolmentToken, type Site } from '../../data/use-sites.ts';
import { elapsed } from '../../format/duration.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useNow } from '../../parts/use-now.ts';

interface AddAgentProps {
  readonly site: Site;
  /** Those of the site, as they are now. */
  readonly agents: readonly Agent[];
  readonly onClose: () => void;
}

/** Makes a token at once, shows the command that uses it, and says when the agent has arrived. */
export function AddAgent({ site, agents, onClose }: AddAgentProps) {
  const { mutate: make, data: made, error } = useMakeEnrolmentToken();
  const [before] = useState(() => new Set(agents.map(({ id }) => id)));
  useEffect(() => make(site.id), [make, site.id]);
  const arrived = agents.find(({ id }) => !before.has(id));
  return (
    <Modal opened size="lg" onClose={onClose} title={`Add an agent to ${site.name}`}>
      <Stack>
        <List type="ordered" fz="sm" spacing={4}>
          <List.Item>Install Ascend on the host that is to do the restores.</List.Item>
          <List.Item>Run this there, as root:</List.Item>
        </List>
        <ProblemAlert error={error} onRetry={() => make(site.id)} />
        {made && (
          <>
            <Copyable text={`ascend-agent enrol --token ${made.token}`} label="Enrolment command" />
            <Expiry at={made.expiresAt} onRenew={() => make(site.id)} />
          </>
        )}
        <Text fz="sm">
          Then start it with <code>ascend-agent serve</code>. It connects to this controller by itself.
        </Text>
        {arrived ? (
          <Notice tone="ok" title={`${arrived.name} has enrolled.`} />
        ) : (
          <Notice tone="idle" title="Waiting for the agent to enrol" />
        )}
        <Group justify="flex-end">
          <Button variant={arrived ? 'filled' : 'default'} onClick={onClose}>
            {arrived ? 'Done' : 'Close'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Expiry({ at, onRenew }: { readonly at: string; readonly onRenew: () => void }) {
  const left = Date.parse(at) - useNow(1000);
  if (left > 0) {
    return (
      <Text fz="sm" c="dimmed" className="figure">
        Good for one agent, for another {elapsed(left)}. It is shown this once.
      </Text>
    );
  }
  return (
    <Group>
      <Text fz="sm">This token has expired.</Text>
      <Button size="xs" onClick={onRenew}>
        Make another
      </Button>
    </Group>
  );
}
