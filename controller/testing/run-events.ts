import { RehearsalVerdict, RunOutcome, type RunEvent } from '../../proto/gen/ascend/v1/run.ts';

type Body = NonNullable<RunEvent['body']>;

export const restoreSteps = ['analyse', 'validate', 'convert', 'deploy'];

/** Events as an agent numbers them: one after the other over all its runs. */
export function eventsOf(runId: string, bodies: readonly Body[], first = 1n): RunEvent[] {
  return bodies.map((body, index) => ({
    runId,
    sequence: first + BigInt(index),
    at: new Date(Date.parse('2027-01-01T12:00:00Z') + index * 1000),
    body,
  }));
}

export const started: Body = { $case: 'started', value: { steps: restoreSteps, agentVersion: '0.1.0' } };

export function stepStarted(step: string): Body {
  return { $case: 'stepStarted', value: { step } };
}

export function stepFinished(step: string): Body {
  return { $case: 'stepFinished', value: { step, durationMs: 1500n } };
}

export const succeeded: Body = {
  $case: 'finished',
  value: {
    outcome: RunOutcome.SUCCEEDED,
    machine: { name: 'web01', targetId: 'm-1', running: true, access: 'show m-1' },
    error: undefined,
    durationMs: 9000n,
  },
};

export function ended(outcome: RunOutcome, code: string): Body {
  const error = { code, message: 'It did not work.', hint: 'Do something.', step: 'deploy' };
  return { $case: 'finished', value: { outcome, machine: undefined, error, durationMs: 9000n } };
}

/** The beginning of one; nothing here looks further. */
export const png = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1');

export function rehearsed(screen: Buffer): Body {
  return {
    $case: 'rehearsalFinished',
    value: {
      verdict: RehearsalVerdict.PASSED,
      cause: '',
      message: 'The guest starts up to its login prompt.',
      remedy: '',
      observed: ['login prompt of web01 on the serial console'],
      fidelity: 'exact',
      statement: 'Devices of its kind.',
      contents: [{ about: 'storage', subject: 'Linux 6.1', holds: true, proof: 'The driver is there.' }],
      evidence: '/var/lib/agent/evidence/r',
      durationMs: 41_500n,
      screen,
    },
  };
}
