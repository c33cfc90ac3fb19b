import { findingJson, machineJson } from '../../proto/machine-json.ts';
import {
  RunOutcome,
  type DeployedMachine,
  type RunError,
  type RunEvent,
} from '../../proto/gen/ascend/v1/run.ts';
import { rehearsalJson } from './rehearsal-json.ts';
import type { RunEventJson } from './run-event.ts';
import type { RunError as RunErrorJson } from './run.ts';

/**
 * An event as it is stored and shown. Sequences and sizes become numbers: exact up to 2^53.
 *
 * @param receivedAt - stands in where the agent gave no time.
 */
export function runEventJson(event: RunEvent, receivedAt: Date): RunEventJson {
  const head = { sequence: Number(event.sequence), at: (event.at ?? receivedAt).toISOString() };
  const { body } = event;
  switch (body?.$case) {
    case 'started':
      return {
        ...head,
        kind: 'started',
        detail: { steps: body.value.steps, agentVersion: body.value.agentVersion },
      };
    case 'stepStarted':
      return { ...head, kind: 'stepStarted', detail: { step: body.value.step } };
    case 'stepFinished': {
      const { step, durationMs } = body.value;
      return { ...head, kind: 'stepFinished', detail: { step, durationMs: Number(durationMs) } };
    }
    case 'finding':
      return { ...head, kind: 'finding', detail: findingJson(body.value) };
    case 'fixApplied': {
      const { fix, summary, files } = body.value;
      return { ...head, kind: 'fixApplied', detail: { fix, summary, files } };
    }
    case 'healthCheckPassed': {
      const { check, subject, observed } = body.value;
      return { ...head, kind: 'healthCheckPassed', detail: { check, subject, observed } };
    }
    case 'rehearsalFinished':
      return { ...head, kind: 'rehearsalFinished', detail: rehearsalJson(body.value) };
    case 'resumed':
      return { ...head, kind: 'resumed', detail: { step: body.value.step } };
    case 'machineRead': {
      const { machine } = body.value;
      return { ...head, kind: 'machineRead', detail: { machine: machine ? machineJson(machine) : null } };
    }
    case 'diskWritten': {
      const { diskId, location, sizeBytes, writtenBytes, durationMs, verified } = body.value;
      const numbers = {
        sizeBytes: Number(sizeBytes),
        writtenBytes: Number(writtenBytes),
        durationMs: Number(durationMs),
      };
      return { ...head, kind: 'diskWritten', detail: { diskId, location, ...numbers, verified } };
    }
    case 'finished': {
      const { outcome, machine, error, durationMs } = body.value;
      const detail = {
        outcome: outcomeJson(outcome),
        machine: machine ? deployedJson(machine) : null,
        error: error ? errorOf(error) : null,
        durationMs: Number(durationMs),
      };
      return { ...head, kind: 'finished', detail };
    }
    case undefined:
      return { ...head, kind: 'unknown', detail: {} };
  }
}

// An outcome that we do not know is at least no success.
function outcomeJson(outcome: RunOutcome): 'succeeded' | 'failed' | 'blocked' | 'cancelled' {
  if (outcome === RunOutcome.SUCCEEDED) return 'succeeded';
  if (outcome === RunOutcome.BLOCKED) return 'blocked';
  return outcome === RunOutcome.CANCELLED ? 'cancelled' : 'failed';
}

function deployedJson({ name, targetId, running, access }: DeployedMachine) {
  return { name, targetId, running, access };
}

function errorOf({ code, message, hint, step }: RunError): RunErrorJson {
  return { code, message, hint: hint || null, step: step || null };
}
