import { expect, test } from 'vitest';
import { currentStep, fold, nothingYet } from './fold.ts';
import type { RehearsalJson } from './rehearsal.ts';
import type { RunEventJson } from './run-event.ts';

const at = '2027-01-01T12:00:00.000Z';
const later = '2027-01-01T12:05:00.000Z';
const steps = ['analyse', 'validate', 'convert', 'deploy'];
const started: RunEventJson = { sequence: 1, at, kind: 'started', detail: { steps, agentVersion: '0.1.0' } };

function begun(step: string, time = at): RunEventJson {
  return { sequence: 2, at: time, kind: 'stepStarted', detail: { step } };
}
function done(step: string): RunEventJson {
  return { sequence: 3, at, kind: 'stepFinished', detail: { step, durationMs: 1200 } };
}
function finished(outcome: 'succeeded' | 'failed' | 'blocked' | 'cancelled'): RunEventJson {
  const error =
    outcome === 'succeeded'
      ? null
      : { code: 'target.no-space', message: 'Full.', hint: null, step: 'deploy' };
  return {
    sequence: 9,
    at: later,
    kind: 'finished',
    detail: { outcome, machine: null, error, durationMs: 300_000 },
  };
}
function states(events: RunEventJson[]): string[] {
  return events.reduce(fold, nothingYet).steps.map((step) => `${step.name} ${step.state}`);
}

test('a run that has started shows all its steps ahead', () => {
  expect(states([started])).toEqual(steps.map((name) => `${name} pending`));
});

test('steps go from pending to running to done, with their times', () => {
  const run = [started, begun('analyse'), done('analyse'), begun('validate', later)].reduce(fold, nothingYet);
  expect(run.steps.slice(0, 2)).toEqual([
    { name: 'analyse', state: 'done', startedAt: at, durationMs: 1200 },
    { name: 'validate', state: 'running', startedAt: later, durationMs: null },
  ]);
  expect(currentStep(run)).toBe('validate');
});

test('a resumed run goes on where it was, and no step steps backwards', () => {
  const resumed: RunEventJson = { sequence: 4, at: later, kind: 'resumed', detail: { step: 'validate' } };
  const run = [
    started,
    begun('analyse'),
    done('analyse'),
    begun('validate'),
    resumed,
    begun('analyse', later),
  ];
  expect(states(run)).toEqual(['analyse done', 'validate running', 'convert pending', 'deploy pending']);
  expect(run.reduce(fold, nothingYet)).toMatchObject({
    resumptions: 1,
    steps: [{}, { startedAt: at }, {}, {}],
  });
});

test('the step that a run failed in is the one that shows it', () => {
  const run = [started, begun('deploy'), finished('failed')].reduce(fold, nothingYet);
  expect(run).toMatchObject({ outcome: 'failed', finishedAt: later, error: { code: 'target.no-space' } });
  expect(currentStep(run)).toBe('deploy');
  expect(run.steps.at(-1)).toMatchObject({ state: 'failed' });
});

test('what a resumed step says again is there once', () => {
  const finding: RunEventJson = {
    sequence: 5,
    at,
    kind: 'finding',
    detail: { code: 'nic.static', severity: 'info', subject: 'eth0', message: 'Static.', remedy: '' },
  };
  const again: RunEventJson = {
    ...finding,
    sequence: 6,
    detail: { ...finding.detail, message: 'Still static.' },
  };
  const run = [started, finding, again].reduce(fold, nothingYet);
  expect(run.findings.map(({ message }) => message)).toEqual(['Still static.']);
});

test("a rehearsal's verdict stays with the run, whatever the run ends with", () => {
  const rehearsal: RehearsalJson = {
    verdict: 'failed',
    cause: 'root-missing',
    message: 'No root.',
    remedy: 'Add the driver.',
    observed: [],
    fidelity: 'exact',
    statement: 'Devices of its kind.',
    contents: [],
    evidence: '/evidence',
    durationMs: 41_500,
    hasScreen: false,
  };
  const told: RunEventJson = { sequence: 4, at, kind: 'rehearsalFinished', detail: rehearsal };
  const run = [started, begun('rehearse'), told, finished('failed')].reduce(fold, nothingYet);
  expect(run).toMatchObject({ outcome: 'failed', rehearsal });
});

test('an event of a kind that we do not know changes nothing', () => {
  const before = [started, begun('analyse')].reduce(fold, nothingYet);
  expect(fold(before, { sequence: 7, at, kind: 'unknown', detail: {} })).toBe(before);
});
