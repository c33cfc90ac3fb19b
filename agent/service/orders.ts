/** Follows what the controller orders, within what this host's administrator allows. */
import { AscendError } from '../../proto/errors.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { CheckOrder } from '../../proto/gen/ascend/v1/link.ts';
import type { AgentConfig } from '../config.ts';
import type { OrderHandler, OrderPolicy } from '../link/contract.ts';
import { check, type CheckContext } from '../pipeline/check.ts';
import { boundaryAmong } from '../pipeline/open.ts';
import type { RunQueue } from '../pipeline/queue.ts';
import { chooseTarget } from '../pipeline/validate.ts';
import { openOrdered } from '../repositories/repository.ts';
import type { RunStore } from '../state/runs.ts';
import type { TargetStore } from '../state/targets.ts';

export interface OrderWork {
  config: AgentConfig;
  runs: RunStore;
  targets: TargetStore;
  queue: RunQueue;
  check: CheckContext;
}

export function orderHandler({ config, runs, targets, queue, check: context }: OrderWork): OrderHandler {
  return {
    restore(order) {
      runs.create('controller', order);
      // The link's transaction is still open: the run starts once it is durable.
      setImmediate(() => queue.pump());
    },
    cancel(runId) {
      runs.requestCancel(runId);
      setImmediate(() => queue.cancel(runId));
    },
    check: async (order) => {
      const stored = targets.get(order.target);
      const chosen = chooseTarget(stored, order.options);
      const id = `check-${crypto.randomUUID()}`;
      const ref = backupOf(order);
      const boundaryOf = boundaryAmong(context.sources);
      await using backup = await openOrdered(config.repositories, ref, boundaryOf, context.signal);
      const { options, rehearsalOnly = false } = order;
      const { machine, findings, fixes, estimate } = await check(
        { id, backup, selection: ref.selection, chosen, options, live: true, rehearsalOnly },
        context,
      );
      return {
        machine,
        findings: [...findings, ...fixes.map(fixFinding)],
        networks: await chosen.target.networks(chosen.options, context).catch(() => []),
        estimate: estimate && { copyBytes: estimate.copyBytes, seconds: estimate.seconds },
      };
    },
  };
}

function backupOf(order: CheckOrder) {
  if (order.backup) return order.backup;
  throw new AscendError('usage.invalid', 'The order names no backup.');
}

/** What will be done to the guest is something to know before the restore. */
function fixFinding({ name, summary }: { name: string; summary: string }): Finding {
  return {
    code: `fix.${name}`,
    severity: Severity.INFO,
    subject: 'guest',
    message: summary,
    remedy: 'Nothing to do: the restore does it in the copy.',
  };
}

export function orderPolicy({ policy }: AgentConfig): OrderPolicy {
  return {
    permit(order) {
      const deny = (message: string) => {
        throw new AscendError('order.not-allowed', message, {
          context: { target: order.target },
          hint: 'The administrator of this conversion host decides that, in "policy" of agent.json.',
        });
      };
      if (!policy.restores) deny('This agent takes no restores from the controller.');
      if (policy.targets && !policy.targets.includes(order.target)) {
        deny(`This agent may not restore to ${order.target} for the controller.`);
      }
    },
  };
}
