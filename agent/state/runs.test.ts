import { execa } from 'execa';
import { beforeEach, expect, it } from 'vitest';
import type { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDatabase } from './database.ts';
import { isAlive, ownIdentity } from './owner.ts';
import { RunStore } from './runs.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await temporaryFolder('runs');
  runs = new RunStore(openDatabase(folder));
});

const order = (runId: string, target = 'lab'): RestoreOrder => ({
  runId,
  target,
  backup: { repository: 'nas', path: 'web01', backupId: 'b' },
  options: undefined,
});

/** Another agent on the same state, which says a word and then waits to be killed. */
async function otherAgent(work: string) {
  const from = (file: string) => JSON.stringify(import.meta.resolve(file));
  const script = `
    import { openDatabase } from ${from('./database.ts')};
    import { RunStore } from ${from('./runs.ts')};
    const runs = new RunStore(openDatabase(${JSON.stringify(folder)}));
    const order = (runId) => ({ runId, target: 'lab', backup: undefined, options: undefined });
    console.log(JSON.stringify(${work} ?? null));
    setTimeout(() => undefined, 60_000);
  `;
  const child = execa(process.execPath, ['--input-type=module-typescript', '-e', script], { reject: false });
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString()));
    void child.then((ended) => reject(new Error(ended.stderr)));
  });
  return {
    said: JSON.parse(said) as unknown,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child;
    },
  };
}

it('stores a run, and takes an order that comes twice once', () => {
  expect(runs.create('controller', order('run-1'))).toBe(true);
  expect(runs.create('local', order('run-1', 'other'))).toBe(false);
  expect(runs.find('run-1')).toMatchObject({
    id: 'run-1',
    origin: 'controller',
    order: { target: 'lab', backup: { path: 'web01' } },
    status: 'running',
    cancelRequested: false,
  });
  expect(runs.find('run-2')).toBeUndefined();
});

it('keeps the wish to cancel, and what became of a run', () => {
  runs.create('local', order('run-1'));
  runs.requestCancel('run-1');
  runs.setStatus('run-1', 'undoing');
  expect(runs.find('run-1')).toMatchObject({ cancelRequested: true, status: 'undoing' });
  expect(runs.unfinished()).toHaveLength(1);
  runs.setStatus('run-1', 'cancelled');
  expect(runs.unfinished()).toEqual([]);
});

it('takes a run of its own for no orphan, and cannot adopt it', () => {
  runs.create('local', order('run-1'));
  expect(runs.isOwn('run-1')).toBe(true);
  expect(runs.orphans()).toEqual([]);
  expect(runs.adopt('run-1')).toBe(false);
  expect(runs.adopt('run-2')).toBe(false);
});

it('finds the runs of an agent that was killed, and adopts each once', async () => {
  {
    await using agent = await otherAgent(
      "[runs.create('local', order('run-1')), runs.create('local', order('done'))]",
    );
    expect(agent.said).toEqual([true, true]);
    runs.setStatus('done', 'succeeded');
    expect(runs.isOwn('run-1')).toBe(false);
    expect(runs.orphans()).toEqual([]);
    expect(runs.adopt('run-1')).toBe(false);
  }
  expect(runs.orphans().map(({ id }) => id)).toEqual(['run-1']);
  expect(runs.adopt('run-1')).toBe(true);
  expect(runs.isOwn('run-1')).toBe(true);
  expect(runs.orphans()).toEqual([]);
});

it('gives an orphan to one of several agents that reach for it at once', async () => {
  {
    await using _agent = await otherAgent("runs.create('local', order('run-1'))");
  }
  const reach = () => otherAgent("runs.adopt('run-1')");
  const all = await Promise.all([reach(), reach(), reach()]);
  try {
    expect(all.map(({ said }) => said).sort()).toEqual([false, false, true]);
    expect(runs.adopt('run-1')).toBe(false);
  } finally {
    for (const agent of all) await agent[Symbol.asyncDispose]();
  }
});

it('tells processes apart by more than their number', () => {
  const own = ownIdentity();
  expect(isAlive(own)).toBe(true);
  const [boot = '', pid = '', started = ''] = own.split(':');
  expect(isAlive([boot, pid, String(Number(started) - 1)].join(':'))).toBe(false);
  expect(isAlive(['another-boot', pid, started].join(':'))).toBe(false);
  expect(isAlive('')).toBe(false);
  expect(isAlive('x:../../self:1')).toBe(false);
});
