import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { RehearsalVerdict, type RehearsalFinished } from '../../proto/gen/ascend/v1/run.ts';
import type { Verdict } from '../rehearsal/verdict.ts';
import { kvm } from '../targets/kvm/index.ts';
import { openDatabase } from '../state/database.ts';
import { openJournal } from '../state/journal.ts';
import type { StoredRun } from '../state/runs.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { judge, REHEARSED, rehearseRun, wishesOf } from './rehearse-run.ts';

function judged(verdict: Pick<Verdict, 'outcome' | 'message' | 'remedy'>, rehearsalOnly = false) {
  const findings: Finding[] = [];
  const whole = { ...verdict, cause: undefined, observed: [] };
  const run = () =>
    judge({ verdict: whole, evidenceDir: '/e' }, 'web01', rehearsalOnly, (finding) => findings.push(finding));
  return { run, findings };
}

const unproven = { outcome: 'unproven', message: 'Nothing seen.', remedy: 'Look.' } as const;

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

it('goes on with a restore, and a warning, where nothing was proven', () => {
  const { run, findings } = judged(unproven);
  run();
  expect(findings).toMatchObject([{ code: 'rehearsal.unproven', severity: Severity.WARN, subject: 'web01' }]);
});

it('is no success where nothing was proven and nothing else was ordered', () => {
  const { run, findings } = judged(unproven, true);
  expect(run).toThrow(
    expect.objectContaining({
      code: 'rehearsal.unproven',
      message: 'The rehearsal proved nothing: Nothing seen.',
    }) as Error,
  );
  expect(findings).toEqual([]);
});

it('lets pass what passed', () => {
  const { run, findings } = judged({ outcome: 'passed', message: 'It starts.', remedy: '' });
  run();
  expect(findings).toEqual([]);
});

it('asks the twin for what it can answer: its own addresses, and the host name', () => {
  const health = {
    timeoutSeconds: 60,
    hostname: 'web01',
    ping: ['10.77.0.10', '192.0.2.1'],
    tcp: ['10.77.0.10:80', '10.77.0.10:443', '10.77.0.10:80', 'gate.example:8080', '[2001:db8::1]:22'],
  };
  expect(wishesOf(health, ['10.77.0.10', '10.78.0.10'])).toEqual({
    wishes: { hostname: 'web01', ping: ['10.77.0.10'], ports: [80, 443] },
    left: ['ping 192.0.2.1', 'TCP gate.example:8080', 'TCP [2001:db8::1]:22'],
  });
  expect(wishesOf(undefined, [])).toEqual({
    wishes: { hostname: undefined, ping: [], ports: [] },
    left: [],
  });
});

it('tells a run that is taken up again what its rehearsal came to, without another one', async () => {
  const stateDir = await temporaryFolder('rehearsed');
  const evidenceDir = path.join(stateDir, 'evidence', 'r1');
  await mkdir(evidenceDir, { recursive: true });
  await writeFile(path.join(evidenceDir, 'screen-02-40s.png'), 'a picture');
  const said = { cause: 'root-missing', message: 'No root.', remedy: 'Add it.', observed: ['screen: text'] };
  const content = { about: 'storage', subject: 'Linux 6.1', holds: false, proof: 'No driver.' };
  const journal = openJournal(openDatabase(stateDir), 'r1');
  journal.record(REHEARSED, {
    verdict: { outcome: 'failed', ...said },
    fidelity: 'exact',
    statement: "QEMU's virtio-blk",
    contents: [content],
    seconds: 41.5,
    evidenceDir,
    lastShot: 'screen-02-40s.png',
  });
  const told: RehearsalFinished[] = [];
  const unused = () => expect.fail('another rehearsal');
  const again = rehearseRun(
    { run, machine: { ...machine }, disks: [], chosen: { target: kvm, options: {} } },
    {
      exec: unused,
      acceleration: unused,
      signal: new AbortController().signal,
      workDir: stateDir,
      stateDir,
      version: '0',
      journal,
    },
    { onActivity: unused, onFinding: unused, onFinished: (value) => told.push(value) },
  );
  await expect(again).rejects.toMatchObject({ code: 'rehearsal.failed' });
  expect(told).toEqual([
    {
      ...said,
      verdict: RehearsalVerdict.FAILED,
      fidelity: 'exact',
      statement: "QEMU's virtio-blk",
      contents: [content],
      evidence: evidenceDir,
      durationMs: 41_500n,
      screen: Buffer.from('a picture'),
    },
  ]);
});

const machine = {
  name: 'web01',
  platform: 'vmware',
  guest: undefined,
  cpu: undefined,
  firmware: Firmware.UNSPECIFIED,
  disks: [],
  nics: [],
  tags: {},
};

const run: StoredRun = {
  id: 'r1',
  origin: 'controller',
  order: { runId: 'r1', backup: undefined, target: 'lab', options: undefined, rehearsalOnly: true },
  status: 'running',
  startedAt: new Date(0),
  cancelRequested: false,
};
