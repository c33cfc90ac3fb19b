import { Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import type { Agent } from '../sites/agent.ts';
import { openClient, withAccount, type AccountFlags } from './account.ts';
import { answer, type Client } from './client.ts';
import { print, table, type Terminal } from './terminal.ts';

export function agentCommand(terminal: Terminal): Command {
  const agent = new Command('agent').description('agents: the workers at the sites');
  withAccount(agent.command('list').description('list agents, their state and their targets')).action(
    async (flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const { agents } = await answer(client.api.agents.$get());
      const rows = agents.map((each) => [
        each.name,
        each.siteName,
        each.state,
        each.targets.map((target) => target.name).join(', '),
        each.lastSeenAt ?? 'never',
        each.id,
      ]);
      const head = ['AGENT', 'SITE', 'STATE', 'TARGETS', 'LAST SEEN', 'ID'];
      print(terminal, flags.json, { agents }, () => table(head, rows));
    },
  );
  withAccount(agent.command('revoke <agent>').description('shut an agent out for good (name or id)')).action(
    async (nameOrId: string, flags: AccountFlags) => {
      const client = await openClient(terminal, flags);
      const { id } = await findAgent(client, nameOrId);
      const revoked = await answer(client.api.agents[':id'].$delete({ param: { id } }));
      print(
        terminal,
        flags.json,
        revoked,
        () => `Revoked ${revoked.name}; its certificate is refused from now on.`,
      );
    },
  );
  return agent;
}

/** An agent by its name or its id. @throws not-found */
export async function findAgent(client: Client, nameOrId: string): Promise<Agent> {
  const { agents } = await answer(client.api.agents.$get());
  const found = agents.find((agent) => agent.id === nameOrId || agent.name === nameOrId);
  if (found) return found;
  throw new AscendError('not-found', `There is no agent "${nameOrId}".`, {
    hint: 'See `ascend agent list`.',
  });
}

/** "AGENT/TARGET" as the API addresses it. The target's name may hold slashes, the agent's does not. */
export async function findTarget(
  client: Client,
  address: string,
): Promise<{ agentId: string; name: string }> {
  const slash = address.indexOf('/');
  if (slash > 0 && slash < address.length - 1) {
    const agent = await findAgent(client, address.slice(0, slash));
    return { agentId: agent.id, name: address.slice(slash + 1) };
  }
  throw new AscendError('usage.invalid', `"${address}" is not a target.`, {
    hint: 'Write AGENT/TARGET; see `ascend agent list`.',
  });
}
