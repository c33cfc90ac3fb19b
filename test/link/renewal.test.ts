import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { readIdentity, writeIdentity } from '../../agent/link/identity.ts';
import { renewCertificate } from '../../agent/link/renewal.ts';
import { TestAgent, TestController, event } from './bench.ts';

const patient = { timeout: 10_000 };

test('certificates are renewed at half-life, and the session outlives the certificates that it began with', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 2 });
  await using agent = await TestAgent.enrol(controller);
  const first = await agent.identity();
  agent.start();
  await vi.waitFor(() => expect(agent.log.filter((line) => line === 'renewed')).toHaveLength(4), patient);
  const newest = await agent.identity();
  expect(newest.key).not.toBe(first.key);
  expect(Date.now()).toBeGreaterThan(new X509Certificate(first.certificate).validToDate.getTime());
  // One "connected", and nothing but renewals after it: it is still the first session.
  expect(agent.log).toEqual(['connected', 'renewed', 'renewed', 'renewed', 'renewed']);
  expect(controller.watcher.hellos).toHaveLength(1);
  agent.outbox.append(event(1));
  await vi.waitFor(() => expect(controller.events.all()).toHaveLength(1));
});

test('the next connection is made with the renewed certificate', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 2 });
  await using agent = await TestAgent.enrol(controller);
  const first = await agent.identity();
  agent.start();
  await vi.waitFor(() => expect(agent.log).toContain('renewed'), patient);
  await agent.stop();
  await sleep(Math.max(0, new X509Certificate(first.certificate).validToDate.getTime() - Date.now()));
  agent.start();
  await vi.waitFor(() => expect(controller.watcher.hellos).toHaveLength(2));
});

test('a session ends with its certificate where that was not renewed', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 1 });
  await using agent = await TestAgent.enrol(controller);
  // As if the certificate had just come: the agent sees no reason to renew before it is too late.
  const identity = await agent.identity();
  await writeIdentity(agent.stateDirectory, { ...identity, certificateObtainedAt: '2099-01-01T00:00:00Z' });
  agent.start();
  await vi.waitFor(() => expect(agent.failures).not.toEqual([]), patient);
  expect(agent.failures[0]).toMatchObject({
    code: 'link.refused',
    message: expect.stringContaining('certificate has expired') as string,
  });
  expect(controller.watcher.losses[0]?.code).toBe('link.refused');
});

test('a revoked agent gets no new certificate', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 2 });
  await using agent = await TestAgent.enrol(controller);
  const identity = await agent.identity();
  controller.directory.revoke(agent.agentId);
  await expect(renewCertificate(agent.stateDirectory, identity)).rejects.toMatchObject({
    code: 'link.refused',
  });
  expect(await readIdentity(agent.stateDirectory)).toEqual(identity);
});
