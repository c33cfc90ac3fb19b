import { AscendError } from '../../proto/errors.ts';
import type { Agent } from '../sites/agent.ts';
import type { RunRequest } from './run.ts';

/**
 * One agent reads the backup and writes to the target, and can do what is asked of it.
 *
 * @throws usage.invalid when the backup lies with another agent than the target.
 * @throws not-found when the agent advertises no such target.
 * @throws state.conflict when the agent is revoked, or is too old to rehearse.
 */
export function requireAble(
  request: RunRequest,
  backup: { id: string; agentId: string },
  agent: Agent,
): void {
  const context = { backup: backup.id, agent: agent.id, target: request.target.name };
  if (agent.state === 'revoked') {
    throw new AscendError('state.conflict', `Agent "${agent.name}" is revoked.`, { context });
  }
  if (backup.agentId !== agent.id) {
    throw new AscendError('usage.invalid', `Agent "${agent.name}" does not see this backup.`, {
      context,
      hint: 'Choose a target of the agent that sees the backup, or the same backup as this agent sees it.',
    });
  }
  const target = agent.targets.find(({ name }) => name === request.target.name);
  if (!target) {
    throw new AscendError('not-found', `Agent "${agent.name}" has no target "${request.target.name}".`, {
      context,
      hint: 'Add it on the agent: `ascend-agent target add`.',
    });
  }
  const rehearses = request.kind === 'rehearsal' || request.options.rehearse;
  if (rehearses && !canRehearse(agent, target)) {
    // It would take the order for a plain restore.
    throw new AscendError('state.conflict', `Agent "${agent.name}" cannot rehearse for this target.`, {
      context,
      hint: 'Upgrade the agent: it has to advertise the ability "rehearse".',
    });
  }
}

function canRehearse({ targetKinds }: Agent, { kind }: { kind: string }): boolean {
  return targetKinds.some((each) => each.kind === kind && each.abilities.includes('rehearse'));
}
