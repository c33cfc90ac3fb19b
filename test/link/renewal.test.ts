import { status } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeCertificateRequest } from '../../agent/link/certificate-request.ts';
import { readIdentity, renewalIsDue } from '../../agent/link/identity.ts';
import { renewCertificate } from '../../agent/link/renewal.ts';
import { TestAgent, TestController, event, heartbeatMs } from './bench.ts';
import { eventually } from './eventually.ts';
import { RawClient } from './raw-client.ts';

test('certificates are renewed at half-life, and the session outlives the certificates that it began with', async () => {
  // Seconds enough for a busy host: a renewal that comes after its certificate's end is refused.
  await using controller = await TestController.start({ agentCertificateSeconds: 4 });
  await using agent = await TestAgent.enrol(controller);
  const first = await agent.identity();
  agent.start();
  await eventually(() => expect(agent.log.filter((line) => line === 'renewed')).toHaveLength(3));
  const newest = await agent.identity();
  expect(newest.key).not.toBe(first.key);
  expect(Date.now()).toBeGreaterThan(new X509Certificate(first.certificate).validToDate.getTime());
  // One "connected", and nothing but renewals after it: it is still the first session.
  expect(agent.log).toEqual(['connected', 'renewed', 'renewed', 'renewed']);
  expect(controller.watcher.hellos).toHaveLength(1);
  agent.outbox.append(event(1));
  await eventually(() => expect(controller.events.all()).toHaveLength(1));
});

test('the next connection is made with the renewed certificate', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 6 });
  await using agent = await TestAgent.enrol(controller);
  const first = await agent.identity();
  agent.start();
  await eventually(() => expect(agent.log).toContain('renewed'));
  await agent.stop();
  await sleep(Math.max(0, new X509Certificate(first.certificate).validToDate.getTime() - Date.now()));
  agent.start();
  await eventually(() => expect(controller.watcher.hellos).toHaveLength(2));
});

test('a session ends with its certificate where that was not renewed, and it is too late to renew it then', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 1 });
  await using agent = await TestAgent.enrol(controller);
  const { ca, key, certificate: cert } = await agent.identity();
  using client = new RawClient(controller.linkAddress, { ca, key, cert }, agent.agentId);
  expect(await client.next()).toMatchObject({ body: { $case: 'welcome' } });
  const beats = setInterval(
    () => client.send({ $case: 'heartbeat', value: { runningRuns: [] } }),
    heartbeatMs,
  );
  const end = await client.next().finally(() => clearInterval(beats));
  const expired = expect.stringContaining('certificate has expired') as string;
  expect(end).toMatchObject({ code: status.PERMISSION_DENIED, details: expired });
  expect(controller.watcher.losses[0]?.code).toBe('link.refused');
  // The connection is still open, and TLS does not look at its certificate again.
  const { csr } = await makeCertificateRequest();
  expect(await client.renew(csr)).toMatchObject({ code: status.PERMISSION_DENIED, details: expired });
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

test('a certificate is due at half-life, and at once where the clock has been set back', async () => {
  await using controller = await TestController.start({ agentCertificateSeconds: 1000 });
  await using agent = await TestAgent.enrol(controller);
  const identity = await agent.identity();
  const obtainedAt = Date.parse(identity.certificateObtainedAt);
  expect(renewalIsDue(identity, obtainedAt + 499_000)).toBe(false);
  expect(renewalIsDue(identity, obtainedAt + 500_000)).toBe(true);
  expect(renewalIsDue(identity, obtainedAt - 1)).toBe(true);
});
