/** Rehearsals as the controller orders them: a run of their own, and before a restore; neither may touch the target. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../controller/testing/eventually.ts';
import { web01 } from '../guests/debian12.ts';
import { Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.start();
});

afterAll(() => site[Symbol.asyncDispose]());

afterEach(async () => {
  expect(await site.libvirt.inventory()).toEqual({ domains: [], volumes: [] });
  expect(await site.home.leftovers()).toEqual([]);
});

const address = `${web01.address}:${web01.httpPort}`;

test('a rehearsal is a run that passes, though its agent is killed in the middle, tells what was seen, and ends with nothing on the target', async () => {
  const health = { timeoutSeconds: 300, hostname: web01.name, ping: [web01.address], tcp: [address] };
  const id = await site.order(web01.name, { health }, 'rehearsal');
  // The twin runs, and there is evidence of an attempt that will not be finished.
  const evidence = path.join(site.home.state, 'evidence', id);
  await eventually(async () => expect(await readdir(evidence)).toHaveLength(2), 300_000);
  await site.killAgent();
  // The twin has gone with it; the disks are kept for the agent that comes back.
  await eventually(async () => {
    const left = await site.home.leftovers();
    expect(left.filter((what) => what.startsWith('process'))).toEqual([]);
  }, 20_000);
  site.startAgent();
  const run = await site.controller.ended(id, 600_000);
  expect(run.error).toBeNull();
  expect(run).toMatchObject({ kind: 'rehearsal', state: 'succeeded', deployed: null, disks: [] });
  expect(run.resumptions).toBe(1);
  expect(run.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'analyse done',
    'validate done',
    'convert done',
    'rehearse done',
  ]);
  expect(run.rehearsal).toMatchObject({ verdict: 'passed', cause: null, fidelity: 'exact', hasScreen: true });
  expect(run.rehearsal?.observed).toEqual(
    expect.arrayContaining([
      'login prompt of web01 on the serial console',
      `${web01.address} answers a ping`,
      `${address} accepts connections`,
    ]),
  );
  expect(run.rehearsal?.contents.every(({ holds }) => holds)).toBe(true);
  expect(run.fixes.length).toBeGreaterThan(0);

  const { server, token } = await site.controller.client();
  const screen = await fetch(`${server}/api/runs/${id}/screen`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(screen.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await screen.arrayBuffer()).toString('latin1', 1, 4)).toBe('PNG');
  const verified = await site.home.json(['evidence', 'verify', run.rehearsal?.evidence ?? '']);
  expect(verified.document).toMatchObject({ intact: true, signedBy: { kind: 'agent' } });
});

test('a restore whose rehearsal fails ends there: its target holds nothing, and the verdict says why', async () => {
  const health = { timeoutSeconds: 300, hostname: 'another', ping: [], tcp: [] };
  const id = await site.order('never-made', { rehearse: true, health });
  const run = await site.controller.ended(id, 600_000);
  expect(run).toMatchObject({
    kind: 'restore',
    state: 'failed',
    deployed: null,
    disks: [],
    rehearsal: { verdict: 'failed', cause: 'wish' },
    error: { code: 'rehearsal.failed', step: 'rehearse' },
  });
  expect(run.error?.message).toContain('its login prompt does not show the host name another');
  expect(run.steps.map(({ name, state }) => `${name} ${state}`).slice(-2)).toEqual([
    'rehearse failed',
    'deploy pending',
  ]);
});
