import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Agent } from '../../data/use-agents.ts';
import { AgentStateBadge } from '../../parts/agent-state.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ProseLink } from '../../parts/prose-link.tsx';
import { Ago } from '../../parts/time.tsx';

/** Those that do not answer first. */
export function AgentList({ agents }: { readonly agents: readonly Agent[] }) {
  if (agents.length === 0) {
    return (
      <Empty title="No agent yet">
        Add one under <ProseLink to="/sites">Sites and agents</ProseLink>.
      </Empty>
    );
  }
  const sorted = agents.toSorted((a, b) => Number(a.state === 'online') - Number(b.state === 'online'));
  return (
    <Stack gap="sm">
      {sorted.map((agent) => {
        const ills = agent.hostFindings.filter(({ severity }) => severity !== 'info').length;
        return (
          <div key={agent.id}>
            <Group justify="space-between" gap="xs">
              <Anchor component={Link} to="/sites" fz="sm" fw={550}>
                {agent.name}
              </Anchor>
              <AgentStateBadge state={agent.state} />
            </Group>
            <Text className="table-note">
              {agent.siteName}
              {agent.state === 'offline' && (
                <>
                  , last heard <Ago at={agent.lastSeenAt} />
                </>
              )}
              {ills > 0 && `, ${ills === 1 ? '1 warning' : `${ills} warnings`} about its host`}
            </Text>
          </div>
        );
      })}
    </Stack>
  );
}
