import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { usePlatformTitle, useRevokeAgent, type Agent } from '../../data/use-agents.ts';
import { useMay } from '../../data/use-me.ts';
import { AgentStateBadge } from '../../parts/agent-state.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { FactList } from '../../parts/facts.tsx';
import { Findings } from '../../parts/findings.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Ago, Time } from '../../parts/time.tsx';

export function AgentCard({ agent }: { readonly agent: Agent }) {
  const mayManage = useMay('admin');
  const [revoking, setRevoking] = useState(false);
  return (
    <Stack gap="sm" component="article">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={3}>{agent.name}</Title>
          <AgentStateBadge state={agent.state} />
        </Group>
        {mayManage && agent.state !== 'revoked' && (
          <Button size="compact-sm" variant="subtle" onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        )}
      </Group>
      {agent.hostFindings.length > 0 && <Findings findings={agent.hostFindings} />}
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg">
        <FactList
          facts={[
            ['Last heard', <Ago key="seen" at={agent.lastSeenAt} />],
            ['Version', agent.version ?? 'not told yet'],
            ['Enrolled', <Time key="enrolled" at={agent.enrolledAt} />],
            ...(agent.revokedAt === null
              ? []
              : [['Revoked', <Time key="revoked" at={agent.revokedAt} />] as const]),
          ]}
        />
        <Targets agent={agent} />
        <Repositories agent={agent} />
      </SimpleGrid>
      {revoking && <Revoke agent={agent} onClose={() => setRevoking(false)} />}
    </Stack>
  );
}

function Targets({ agent }: { readonly agent: Agent }) {
  const titleOf = usePlatformTitle();
  return (
    <Stack gap={6}>
      <Text fz="sm" fw={600}>
        Targets
      </Text>
      {agent.targets.map((target) => (
        <div key={target.name}>
          <Group gap="xs">
            <Text fz="sm">{target.name}</Text>
            <StateBadge tone={target.reachable ? 'ok' : 'bad'}>
              {target.reachable ? 'Reachable' : 'Not reachable'}
            </StateBadge>
          </Group>
          <Text className="table-note wrap">{target.problem ?? titleOf(target.kind)}</Text>
        </div>
      ))}
      {agent.targets.length === 0 && (
        <Text fz="sm" c="dimmed">
          None yet: add one on the host with <code>ascend-agent target add</code>.
        </Text>
      )}
    </Stack>
  );
}

function Repositories({ agent }: { readonly agent: Agent }) {
  return (
    <Stack gap={6}>
      <Text fz="sm" fw={600}>
        Repositories
      </Text>
      {agent.repositories.map(({ name, location }) => (
        <div key={name}>
          <Text fz="sm">{name}</Text>
          <Text className="table-note mono">{location}</Text>
        </div>
      ))}
      {agent.repositories.length === 0 && (
        <Text fz="sm" c="dimmed">
          None yet: name the folders of your backups in the agent&apos;s configuration.
        </Text>
      )}
    </Stack>
  );
}

function Revoke({ agent, onClose }: { readonly agent: Agent; readonly onClose: () => void }) {
  const { mutate: revoke, isPending, error } = useRevokeAgent();
  return (
    <Confirm
      opened
      title={`Revoke ${agent.name}?`}
      action="Revoke agent"
      pending={isPending}
      error={error}
      onConfirm={() => revoke(agent.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      This cannot be undone: the controller refuses its certificate from now on. To use the host again, enrol
      it anew.
    </Confirm>
  );
}
