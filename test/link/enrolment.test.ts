import { createHash, generateKeyPairSync, X509Certificate, type KeyPairKeyObjectResult } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeCertificateRequest } from '../../agent/link/certificate-request.ts';
import { enrol } from '../../agent/link/enrol.ts';
import { readIdentity } from '../../agent/link/identity.ts';
import { openAuthority } from '../../controller/link/authority.ts';
import { makeToken } from '../../controller/link/token.ts';
import { decodeToken, encodeToken } from '../../proto/enrolment-token.ts';
import * as x509 from '../../proto/x509.ts';
import { TestAgent, TestController, temporaryDirectory } from './bench.ts';

async function tryToEnrol(token: string, options: { stateDirectory?: string; force?: boolean } = {}) {
  const stateDirectory = options.stateDirectory ?? (await temporaryDirectory());
  return enrol({ token, hostname: 'conv01', ...options, stateDirectory });
}

/** Answers TLS with any chain, and counts what reaches it over HTTP/2. */
async function impostor(key: string, chain: string) {
  let requests = 0;
  const server = createSecureServer({ key, cert: chain });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream) => {
    requests += 1;
    stream.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.dispose]: () => void server.close(),
  };
}

test('a token and a key make an agent, whose identity only its owner can read', async () => {
  await using controller = await TestController.start();
  const stateDirectory = await temporaryDirectory();
  const identity = await tryToEnrol(controller.token(), { stateDirectory });
  expect(await readIdentity(stateDirectory)).toEqual(identity);
  expect(identity).toMatchObject({ site: 'Utrecht', linkAddress: controller.linkAddress });
  const certificate = new X509Certificate(identity.certificate);
  expect(certificate.subject).toBe(`CN=${identity.agentId}`);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect((await stat(join(stateDirectory, 'identity.json'))).mode & 0o777).toBe(0o600);
});

test('the controller keeps no secret of a token, only its hash', () => {
  const { token, secretHash } = makeToken({ address: 'controller:8443', pin: 'p'.repeat(43) });
  const { secret } = decodeToken(token);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(secretHash).toBe(createHash('sha256').update(secret).digest('hex'));
});

test('a token is good for one agent', async () => {
  await using controller = await TestController.start();
  const token = controller.token();
  await tryToEnrol(token);
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'enrol.token-used' });
  expect(controller.directory.agents.size).toBe(1);
});

test('refuses an expired token', async () => {
  await using controller = await TestController.start();
  const token = controller.token({ lifetimeMs: 1 });
  await sleep(5);
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'enrol.token-expired' });
});

test('refuses a secret that the controller has not made', async () => {
  await using controller = await TestController.start();
  const { token } = makeToken({ address: controller.enrolmentAddress, pin: controller.authority.pin });
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'enrol.token-invalid' });
});

test.each(['', 'hello', 'ascend-enrol.', 'ascend-enrol.e30', 'ascend-enrol.!!!', 'ascend-enrol.bm90IGpzb24'])(
  'refuses %j, which is no token',
  async (text) => {
    await expect(tryToEnrol(text)).rejects.toMatchObject({ code: 'enrol.token-invalid' });
  },
);

test('a token that has lost its end is refused without repeating it', async () => {
  const token = encodeToken({ address: 'a:1', pin: 'p'.repeat(43), secret: 's'.repeat(43) });
  const refusal = tryToEnrol(token.slice(0, -9));
  await expect(refusal).rejects.toMatchObject({ code: 'enrol.token-invalid' });
  await expect(refusal).rejects.not.toThrow(token.slice(20, 60));
});

test('a controller of another CA gets no request, and so no secret', async () => {
  await using controller = await TestController.start();
  const stranger = await openAuthority(join(await temporaryDirectory(), 'authority'));
  const { key, chain } = await stranger.issueServerCertificate();
  using inTheMiddle = await impostor(key, chain);
  const { token } = makeToken({ address: inTheMiddle.address, pin: controller.authority.pin });
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'enrol.pin-mismatch' });
  expect(inTheMiddle.requests()).toBe(0);
});

test('a man in the middle who shows the true CA beside his own certificate gets no request', async () => {
  await using controller = await TestController.start();
  const stranger = await openAuthority(join(await temporaryDirectory(), 'authority'));
  const { key, chain } = await stranger.issueServerCertificate();
  const leaf = new X509Certificate(chain).toString();
  const trueCa = new X509Certificate(controller.authority.caCertificate).toString();
  using inTheMiddle = await impostor(key, leaf + trueCa);
  const { token } = makeToken({ address: inTheMiddle.address, pin: controller.authority.pin });
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'enrol.pin-mismatch' });
  expect(inTheMiddle.requests()).toBe(0);
});

test("an agent cannot play the controller with the certificate that the controller's CA gave it", async () => {
  await using controller = await TestController.start();
  await using agent = await TestAgent.enrol(controller);
  const { key, certificate, ca } = await agent.identity();
  using inTheMiddle = await impostor(key, certificate + ca);
  const { token } = makeToken({ address: inTheMiddle.address, pin: controller.authority.pin });
  await expect(tryToEnrol(token)).rejects.toMatchObject({ code: 'link.refused' });
  expect(inTheMiddle.requests()).toBe(0);
});

test('says where it looked when no controller answers', async () => {
  const { token } = makeToken({ address: '127.0.0.1:1', pin: 'p'.repeat(43) });
  await expect(tryToEnrol(token)).rejects.toMatchObject({
    code: 'link.unreachable',
    message: expect.stringContaining('127.0.0.1:1') as string,
    hint: expect.stringContaining('firewall') as string,
  });
});

test('a host that is enrolled keeps its identity, unless it is told to replace it', async () => {
  await using controller = await TestController.start();
  const stateDirectory = await temporaryDirectory();
  const first = await tryToEnrol(controller.token(), { stateDirectory });
  const token = controller.token();
  await expect(tryToEnrol(token, { stateDirectory })).rejects.toMatchObject({ code: 'already-exists' });
  expect(await readIdentity(stateDirectory)).toEqual(first);
  const second = await tryToEnrol(token, { stateDirectory, force: true });
  expect(second.agentId).not.toBe(first.agentId);
  expect(await readIdentity(stateDirectory)).toEqual(second);
});

test.each([
  ['is not PKCS#10', () => Promise.resolve(Buffer.from('hello'))],
  ['is larger than 4096 bytes', () => Promise.resolve(Buffer.alloc(5000))],
  ['signature does not match', forgedRequest],
  ['only P-256 and Ed25519', rsaRequest],
])('refuses a certificate request because it %s', async (why, make) => {
  const authority = await openAuthority(join(await temporaryDirectory(), 'authority'));
  await expect(make().then((csr) => authority.readCertificateRequest(csr))).rejects.toThrow(why);
});

test('takes an Ed25519 key as well as a P-256 one', async () => {
  const authority = await openAuthority(join(await temporaryDirectory(), 'authority'));
  const csr = await request(generateKeyPairSync('ed25519'), { name: 'Ed25519' });
  const { certificate } = await authority.issueAgentCertificate(
    'a',
    await authority.readCertificateRequest(csr),
  );
  expect(new X509Certificate(certificate).publicKey.asymmetricKeyType).toBe('ed25519');
});

async function forgedRequest(): Promise<Buffer> {
  const { csr } = await makeCertificateRequest();
  // The last byte belongs to the signature.
  csr.writeUInt8(csr.readUInt8(csr.length - 1) ^ 1, csr.length - 1);
  return csr;
}

function rsaRequest(): Promise<Buffer> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return request(keys, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' });
}

async function request(
  keys: KeyPairKeyObjectResult,
  algorithm: { name: string; hash?: string },
): Promise<Buffer> {
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: {
      privateKey: keys.privateKey.toCryptoKey(algorithm, true, ['sign']),
      publicKey: keys.publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
  });
  return Buffer.from(made.rawData);
}
