/** What a run's events amount to. Pure, so that the same events always give the same run. */
import type { z } from 'zod';
import type { FindingJson, MachineJson } from '../../proto/machine-json.ts';
import type { RehearsalJson } from './rehearsal.ts';
import type { RunEventJson } from './run-event.ts';
import type { DeployedMachineSchema, Run, RunError, Step } from './run.ts';

export interface Fold {
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'blocked' | 'cancelled' | null;
  readonly agentVersion: string | null;
  readonly steps: readonly Step[];
  readonly findings: readonly FindingJson[];
  readonly fixes: Run['fixes'];
  readonly disks: Run['disks'];
  readonly healthChecks: Run['healthChecks'];
  readonly rehearsal: RehearsalJson | null;
  readonly machine: MachineJson | null;
  readonly deployed: z.infer<typeof DeployedMachineSchema> | null;
  readonly error: RunError | null;
  readonly resumptions: number;
  readonly durationMs: number | null;
}

export const nothingYet: Fold = {
  startedAt: null,
  finishedAt: null,
  outcome: null,
  agentVersion: null,
  steps: [],
  findings: [],
  fixes: [],
  disks: [],
  healthChecks: [],
  rehearsal: null,
  machine: null,
  deployed: null,
  error: null,
  resumptions: 0,
  durationMs: null,
};

export function fold(before: Fold, event: RunEventJson): Fold {
  switch (event.kind) {
    case 'started':
      return {
        ...before,
        startedAt: before.startedAt ?? event.at,
        agentVersion: event.detail.agentVersion,
        steps: event.detail.steps.map(
          (name) => before.steps.find((step) => step.name === name) ?? pending(name),
        ),
      };
    case 'stepStarted':
      return { ...before, steps: withStep(before.steps, event.detail.step, (step) => begin(step, event.at)) };
    case 'stepFinished': {
      const { step: name, durationMs } = event.detail;
      return {
        ...before,
        steps: withStep(before.steps, name, (step) => ({ ...step, state: 'done', durationMs })),
      };
    }
    case 'resumed': {
      const steps = withStep(before.steps, event.detail.step, (step) => begin(step, event.at));
      return { ...before, steps, resumptions: before.resumptions + 1 };
    }
    case 'finding':
      return { ...before, findings: replaced(before.findings, event.detail, sameFinding) };
    case 'fixApplied':
      return {
        ...before,
        fixes: replaced(before.fixes, event.detail, (a, b) => a.fix === b.fix && a.summary === b.summary),
      };
    case 'diskWritten':
      return { ...before, disks: replaced(before.disks, event.detail, (a, b) => a.diskId === b.diskId) };
    case 'healthCheckPassed':
      return { ...before, healthChecks: replaced(before.healthChecks, event.detail, sameCheck) };
    case 'rehearsalFinished':
      return { ...before, rehearsal: event.detail };
    case 'machineRead':
      return { ...before, machine: event.detail.machine };
    case 'finished':
      return finish(before, event);
    case 'unknown':
      return before;
  }
}

/** The step that is under way, or that the run ended in. */
export function currentStep({ steps }: Fold): string | null {
  const running = steps.findLast(({ state }) => state === 'running' || state === 'failed');
  return (running ?? steps.findLast(({ state }) => state === 'done'))?.name ?? null;
}

function finish(before: Fold, event: Extract<RunEventJson, { kind: 'finished' }>): Fold {
  const { outcome, machine, error, durationMs } = event.detail;
  const ended = (step: Step): Step =>
    step.state === 'running' ? { ...step, state: outcome === 'succeeded' ? 'done' : 'failed' } : step;
  return {
    ...before,
    finishedAt: event.at,
    outcome,
    deployed: machine,
    error,
    durationMs,
    steps: before.steps.map(ended),
  };
}

function pending(name: string): Step {
  return { name, state: 'pending', startedAt: null, durationMs: null };
}

// The rail never steps backwards: a step that is done stays done, whatever a resumed agent repeats.
function begin(step: Step, at: string): Step {
  return step.state === 'done' ? step : { ...step, state: 'running', startedAt: step.startedAt ?? at };
}

function withStep(steps: readonly Step[], name: string, change: (step: Step) => Step): Step[] {
  const known = steps.some((step) => step.name === name) ? steps : [...steps, pending(name)];
  return known.map((step) => (step.name === name ? change(step) : step));
}

/** The newest word on one subject stands in the place of the first; a resumed step may say things twice. */
function replaced<T>(list: readonly T[], news: T, same: (a: T, b: T) => boolean): T[] {
  const at = list.findIndex((each) => same(each, news));
  return at === -1 ? [...list, news] : list.with(at, news);
}

function sameFinding(a: FindingJson, b: FindingJson): boolean {
  return a.code === b.code && a.subject === b.subject;
}

function sameCheck(a: { check: string; subject: string }, b: { check: string; subject: string }): boolean {
  return a.check === b.check && a.subject === b.subject;
}
