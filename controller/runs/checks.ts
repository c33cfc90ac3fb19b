import { AscendError, isErrorCode } from '../../proto/errors.ts';
import { findingJson, machineJson } from '../../proto/machine-json.ts';
import type { CheckResult } from '../../proto/gen/ascend/v1/link.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AgentSessions } from '../link/contract.ts';
import type { Agents } from '../sites/agents.ts';
import type { Check } from './check.ts';
import { wireBackup, wireOptions } from './order-book.ts';
import { requireAble } from './request.ts';
import type { RunRequest } from './run.ts';

// A person waits for it; a check reads metadata only.
const timeoutMs = 60_000;

interface Deps {
  readonly catalog: Catalog;
  readonly agents: Agents;
  readonly sessions: Pick<AgentSessions, 'check'>;
}

/** Previews: what a restore or a rehearsal would find, as its agent sees it now. */
export class Checks {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws agent.offline, agent.timeout, or what the agent could not do. */
  async check(request: RunRequest): Promise<Check> {
    const { catalog, agents, sessions } = this.#deps;
    const backup = await catalog.get(request.backupId);
    const agent = await agents.get(request.target.agentId);
    requireAble(request, backup, agent);
    const order = {
      backup: wireBackup(backup),
      target: request.target.name,
      options: wireOptions(request.options),
      rehearsalOnly: request.kind === 'rehearsal',
    };
    return checkOf(await sessions.check(agent.id, order, { timeoutMs }));
  }
}

function checkOf(result: CheckResult): Check {
  if (result.error) {
    const { code, message, hint } = result.error;
    throw new AscendError(isErrorCode(code) ? code : 'internal', message, { hint: hint || undefined });
  }
  const findings = result.findings.map(findingJson);
  const has = (severity: string) => findings.some((finding) => finding.severity === severity);
  return {
    verdict: has('block') ? 'block' : has('warn') ? 'warn' : 'ok',
    machine: result.machine ? machineJson(result.machine) : null,
    findings,
    networks: result.networks,
    estimate: result.estimate
      ? { copyBytes: Number(result.estimate.copyBytes), seconds: result.estimate.seconds }
      : null,
  };
}
