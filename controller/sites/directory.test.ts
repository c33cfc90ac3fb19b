import { expect, test } from 'vitest';
import { decodeToken } from '../../proto/enrolment-token.ts';
import { hashSecret } from '../link/token.ts';
import { enrolAgent, startTrial, type Trial } from '../testing/start.ts';

const minute = 60_000;

async function token({ services }: Trial): Promise<string> {
  const site = await services.sites.add('Berlin');
  const made = await services.sites.createEnrolmentToken(site.id, 'alice');
  return hashSecret(decodeToken(made.token).secret);
}

test('a token makes one agent at its site', async () => {
  await using trial = await startTrial();
  const secretHash = await token(trial);
  const { agentId, site } = await trial.side.directory.enrol({ secretHash, hostname: 'host-1' });
  expect(site).toBe('Berlin');
  expect(await trial.services.agents.get(agentId)).toMatchObject({
    name: 'host-1',
    siteName: 'Berlin',
    state: 'offline',
  });
  await expect(trial.side.directory.enrol({ secretHash, hostname: 'host-1' })).rejects.toMatchObject({
    code: 'enrol.token-used',
  });
});

test('of two that use a token at once, one becomes an agent', async () => {
  await using trial = await startTrial();
  const secretHash = await token(trial);
  const tries = ['a', 'b', 'c'].map((hostname) => trial.side.directory.enrol({ secretHash, hostname }));
  const outcomes = (await Promise.allSettled(tries)).map(({ status }) => status);
  expect(outcomes.toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await trial.services.agents.list()).toHaveLength(1);
});

test('a token is no good after 15 minutes, nor one that nobody made', async () => {
  await using trial = await startTrial();
  const secretHash = await token(trial);
  trial.clock.forward(15 * minute);
  const { directory } = trial.side;
  await expect(directory.enrol({ secretHash, hostname: 'h' })).rejects.toMatchObject({
    code: 'enrol.token-expired',
  });
  await expect(directory.enrol({ secretHash: 'x', hostname: 'h' })).rejects.toMatchObject({
    code: 'enrol.token-invalid',
  });
});

test('agents on hosts of one name are told apart', async () => {
  await using trial = await startTrial();
  await enrolAgent(trial, 'host');
  await enrolAgent(trial, 'host');
  expect((await trial.services.agents.list()).map(({ name }) => name)).toEqual(['host', 'host-2']);
});

test('an agent shows what it advertises last, and when it was last there', async () => {
  await using trial = await startTrial();
  const agentId = await enrolAgent(trial);
  expect(await trial.services.agents.get(agentId)).toMatchObject({
    state: 'online',
    version: '0.1.0',
    targets: [
      {
        name: 'lab',
        kind: 'a-kind',
        networks: ['default'],
        reachable: true,
        problem: null,
        agentOnline: true,
      },
    ],
    repositories: [{ name: 'nas', location: '/backups' }],
    targetKinds: [{ kind: 'a-kind', optionSchema: { type: 'object' }, abilities: ['rehearse'] }],
  });
  trial.clock.forward(minute);
  await trial.side.observer.heartbeat(agentId, { at: undefined, runningRuns: [] });
  const seen = trial.clock.now().toISOString();
  await trial.side.observer.lost(agentId, undefined);
  expect(await trial.services.agents.get(agentId)).toMatchObject({ state: 'offline', lastSeenAt: seen });
  expect(await trial.services.sites.list()).toMatchObject([
    { name: 'Berlin', agentCount: 1, agentsOnline: 0 },
  ]);
});
