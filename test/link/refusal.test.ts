import { status } from '@grpc/grpc-js';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { writeIdentity } from '../../agent/link/identity.ts';
import { openAuthority, type Authority } from '../../controller/link/authority.ts';
import { join } from 'node:path';
import { TestAgent, TestController, identityOf, temporaryDirectory } from './bench.ts';
import { eventually } from './eventually.ts';
import { knock } from './raw-client.ts';

async function identityFrom(authority: Authority, agentId: string) {
  const { key, certificate: cert } = await identityOf(authority, agentId, '');
  return { key, cert };
}

async function bench() {
  const controller = await TestController.start();
  const agent = await TestAgent.enrol(controller);
  const { ca, key, certificate: cert } = await agent.identity();
  return {
    controller,
    agent,
    ca,
    tls: { ca, key, cert },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

test('welcomes the certificate and the id of an enrolled agent', async () => {
  await using at = await bench();
  const answer = await knock(at.controller.linkAddress, at.tls, at.agent.agentId);
  expect(answer).toMatchObject({ body: { $case: 'welcome', value: { lastEventSequence: 0n } } });
});

test('refuses a client without a certificate', async () => {
  await using at = await bench();
  const answer = await knock(at.controller.linkAddress, { ca: at.ca }, at.agent.agentId);
  expect(answer).toMatchObject({ code: status.UNAVAILABLE });
  expect(at.controller.watcher.hellos).toEqual([]);
});

test('refuses a certificate of another CA, even one of the same name', async () => {
  await using at = await bench();
  const stranger = await openAuthority(join(await temporaryDirectory(), 'authority'));
  const tls = { ca: at.ca, ...(await identityFrom(stranger, at.agent.agentId)) };
  expect(await knock(at.controller.linkAddress, tls, at.agent.agentId)).toMatchObject({
    code: status.UNAVAILABLE,
  });
  expect(at.controller.watcher.hellos).toEqual([]);
});

test('refuses an expired certificate', async () => {
  await using at = await bench();
  const brief = await openAuthority(at.controller.authorityDirectory, { agentCertificateSeconds: 1 });
  const tls = { ca: at.ca, ...(await identityFrom(brief, at.agent.agentId)) };
  await sleep(1100);
  expect(await knock(at.controller.linkAddress, tls, at.agent.agentId)).toMatchObject({
    code: status.UNAVAILABLE,
  });
  expect(at.controller.watcher.hellos).toEqual([]);
});

test("refuses another agent's id in the Hello", async () => {
  await using at = await bench();
  await using other = await TestAgent.enrol(at.controller);
  expect(await knock(at.controller.linkAddress, at.tls, other.agentId)).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: expect.stringContaining('calls itself') as string,
  });
  expect(at.controller.watcher.hellos).toEqual([]);
  expect(at.controller.reports).toMatchObject([{ code: 'link.refused' }]);
});

test('refuses an agent that has been revoked, and one that does not exist', async () => {
  await using at = await bench();
  at.controller.directory.revoke(at.agent.agentId);
  expect(await knock(at.controller.linkAddress, at.tls, at.agent.agentId)).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: expect.stringContaining('revoked') as string,
  });
  at.controller.directory.agents.clear();
  expect(await knock(at.controller.linkAddress, at.tls, at.agent.agentId)).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: expect.stringContaining('does not know') as string,
  });
});

test("refuses the controller's own certificate as an agent's", async () => {
  await using at = await bench();
  const { key, chain } = await at.controller.authority.issueServerCertificate();
  const answer = await knock(at.controller.linkAddress, { ca: at.ca, key, cert: chain }, at.agent.agentId);
  expect(answer).toMatchObject({
    code: expect.toBeOneOf([status.UNAVAILABLE, status.PERMISSION_DENIED]) as number,
  });
  expect(at.controller.watcher.hellos).toEqual([]);
});

test.each(['linkPort', 'enrolmentPort'] as const)('takes no TLS 1.2 on its %s', async (port) => {
  await using at = await bench();
  const socket = connect({
    port: at.controller.running[port],
    host: '127.0.0.1',
    ...at.tls,
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toMatch(/alert protocol version/);
});

test('an agent that is revoked while it is connected loses its session, and is told why', async () => {
  await using at = await bench();
  at.agent.start();
  await eventually(() => expect(at.controller.sessions.isConnected(at.agent.agentId)).toBe(true));
  at.controller.directory.revoke(at.agent.agentId);
  await eventually(() => expect(at.agent.failures[0]?.code).toBe('link.refused'));
  expect(at.agent.failures[0]?.message).toContain('revoked');
  expect(at.controller.sessions.isConnected(at.agent.agentId)).toBe(false);
  expect(at.controller.watcher.losses[0]?.code).toBe('link.refused');
});

test('an agent whose certificate is turned down says what to do', async () => {
  await using at = await bench();
  const stranger = await openAuthority(join(await temporaryDirectory(), 'authority'));
  const { key, cert } = await identityFrom(stranger, at.agent.agentId);
  await writeIdentity(at.agent.stateDirectory, { ...(await at.agent.identity()), key, certificate: cert });
  at.agent.start();
  await eventually(() => expect(at.agent.failures).not.toEqual([]));
  expect(at.agent.failures[0]).toMatchObject({
    code: 'link.refused',
    hint: expect.stringContaining('enrol --force') as string,
  });
});

test('an agent does not connect to a controller of another CA', async () => {
  await using at = await bench();
  await using impostor = await TestController.start();
  await writeIdentity(at.agent.stateDirectory, {
    ...(await at.agent.identity()),
    linkAddress: impostor.linkAddress,
  });
  at.agent.start();
  await eventually(() => expect(at.agent.failures).not.toEqual([]));
  expect(at.agent.failures[0]).toMatchObject({
    code: 'link.refused',
    message: expect.stringContaining('is not the controller') as string,
  });
  expect(impostor.reports).toEqual([]);
});
