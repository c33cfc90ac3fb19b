import { AscendError } from '../../proto/errors.ts';
import type { Agent } from '../sites/agent.ts';
import type { RunRequest } from './run.ts';

/**
 * One agent reads the backup and writes to the target.
 *
 * @throws usage.invalid when the backup lies with another agent than the target.
 * @throws not-found when the agent advertises no such target.
 * @throws state.conflict when the agent is revoked.
 */
export function requireSameAgent(
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
  if (!agent.targets.some((target) => target.name === request.target.name)) {
    throw new AscendError('not-found', `Agent "${agent.name}" has no target "${request.target.name}".`, {
      context,
      hint: 'Add it on the agent: `ascend-agent target add`.',
    });
  }
}
