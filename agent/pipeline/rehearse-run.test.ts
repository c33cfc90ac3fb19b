import { expect, it } from 'vitest';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { HealthCheckPassed } from '../../proto/gen/ascend/v1/run.ts';
import type { Verdict } from '../rehearsal/verdict.ts';
import { judge } from './rehearse-run.ts';

function judged(verdict: Pick<Verdict, 'outcome' | 'message' | 'remedy'>) {
  const findings: Finding[] = [];
  const passed: HealthCheckPassed[] = [];
  const whole = { ...verdict, cause: undefined, observed: [] };
  const run = () =>
    judge({ verdict: whole, statement: "QEMU's pvscsi and vmxnet3", evidenceDir: '/e' }, 'web01', {
      onFinding: (finding) => findings.push(finding),
      onPassed: (value) => passed.push(value),
    });
  return { run, findings, passed };
}

it('stops the restore where the twin failed, and says where the evidence is', () => {
  const { run } = judged({ outcome: 'failed', message: 'No root.', remedy: 'Add the driver.' });
  expect(run).toThrow(
    expect.objectContaining({
      code: 'rehearsal.failed',
      message: 'The rehearsal failed: No root.',
      hint: 'Add the driver. Evidence: /e',
    }) as Error,
  );
});

it('goes on with a warning where nothing was proven', () => {
  const { run, findings, passed } = judged({
    outcome: 'unproven',
    message: 'Nothing seen.',
    remedy: 'Look.',
  });
  run();
  expect(findings).toMatchObject([{ code: 'rehearsal.unproven', severity: Severity.WARN, subject: 'web01' }]);
  expect(passed).toEqual([]);
});

it('tells that it passed, and on what', () => {
  const { run, findings, passed } = judged({ outcome: 'passed', message: 'It starts.', remedy: '' });
  run();
  expect(passed).toEqual([
    { check: 'rehearsal', subject: "QEMU's pvscsi and vmxnet3", observed: 'It starts.' },
  ]);
  expect(findings).toEqual([]);
});
