/** Evidence as a rehearsal leaves it, and everything that somebody could do to it afterwards. */
import { mkdtemp, mkdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../../proto/errors.ts';
import { Firmware, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { writeIdentity } from '../../link/identity.ts';
import { makeCertificateRequest } from '../../link/certificate-request.ts';
import * as x509 from '../../../proto/x509.ts';
import { NOTHING_SEEN } from '../observations.ts';
import { canonicalBytes } from './canonical.ts';
import { DOCUMENT, evidenceSchema } from './document.ts';
import { openEvidence, type EvidenceFacts } from './folder.ts';
import { openSigner } from './signer.ts';
import { verifyEvidence } from './verify.ts';

let root: string;
const at = (...names: string[]) => path.join(root, ...names);
const folder = () => at('evidence');

const machine: Machine = {
  name: 'web01 – “büro”',
  platform: 'vmware',
  guest: undefined,
  cpu: undefined,
  firmware: Firmware.BIOS,
  disks: [],
  nics: [],
  tags: {},
};

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'evidence-'));
});

afterEach(() => rm(root, { recursive: true }));

async function factsOf(): Promise<EvidenceFacts> {
  await writeFile(at('disk0.qcow2'), 'an overlay');
  const hardware = {
    firmware: Firmware.BIOS,
    secureBoot: false,
    tpm: false,
    disk: 'virtio-blk',
    nic: 'virtio-net',
    sameStorage: true,
    sameNetwork: true,
  } as const;
  return {
    machine,
    location: '/backups/web01',
    destination: { kind: 'kvm', title: 'KVM (libvirt)' },
    hardware,
    fidelity: 'exact',
    statement: 'as it is',
    disks: [{ id: 'scsi0:0', boot: true, path: at('disk0.qcow2'), sizeBytes: 4096n, allocatedBytes: 10n }],
    fixes: [{ name: 'linux.fstab', summary: 'by UUID', files: ['/etc/fstab'] }],
    findings: [],
    contents: [],
    run: {
      verdict: { outcome: 'passed', cause: undefined, message: 'It starts.', remedy: '', observed: [] },
      observations: NOTHING_SEEN,
      findings: [],
      shots: [{ file: 'screen-01-0s.png', atSeconds: 0 }],
      kvm: false,
      memoryMiB: 1024,
      processors: 2,
      version: '7.2.22',
      seconds: 44,
      timeoutSeconds: 720,
    },
    startedAt: new Date('2026-01-02T03:04:05Z'),
    agentVersion: '0.1.0',
  };
}

async function sealed(stateDir = at('state')): Promise<void> {
  const evidence = await openEvidence(folder());
  await writeFile(at('evidence', 'screen-01-0s.png'), 'a picture');
  await writeFile(at('evidence', 'serial.log'), 'web01 login: ');
  await evidence.seal(await factsOf(), { signer: await openSigner(stateDir) });
}

const check = (ca?: string) => verifyEvidence(folder(), ca);
const readJson = async () => JSON.parse(await readFile(at('evidence', DOCUMENT), 'utf8')) as never;
const writeJson = (value: unknown) => writeFile(at('evidence', DOCUMENT), JSON.stringify(value));

it('is intact as it was written, whoever writes the JSON again', async () => {
  await sealed();
  expect(await check()).toMatchObject({
    intact: true,
    problems: [],
    signedBy: { kind: 'local', agentId: undefined, trusted: undefined },
    evidence: { machine: { name: machine.name }, fidelity: 'exact', verdict: { outcome: 'passed' } },
  });
  const { evidence, signature } = (await readJson()) as { evidence: object; signature: object };
  await writeJson({ signature, evidence: Object.fromEntries(Object.entries(evidence).reverse()) });
  expect(await check()).toMatchObject({ intact: true });
});

it('signs with one key of this host, which nobody else can read', async () => {
  await sealed();
  const { fingerprint } = (await check()).signedBy;
  expect((await stat(at('state', 'evidence-key.pem'))).mode & 0o777).toBe(0o600);
  await rm(folder(), { recursive: true });
  await sealed();
  expect((await check()).signedBy.fingerprint).toBe(fingerprint);
});

it.each<[name: string, tamper: () => Promise<unknown>, problem: RegExp]>([
  [
    'a changed file',
    () => writeFile(at('evidence', 'serial.log'), 'web02 login: '),
    /"serial.log" was changed/,
  ],
  ['a cut file', () => truncate(at('evidence', 'serial.log'), 3), /has 3 bytes instead of 13/],
  ['a missing file', () => rm(at('evidence', 'screen-01-0s.png')), /"screen-01-0s.png" is missing/],
  ['an added file', () => writeFile(at('evidence', 'screen-02-9s.png'), 'x'), /"screen-02-9s.png" was added/],
  ['an added folder', () => mkdir(at('evidence', 'more\u001b[2J')), /"more\\u001b\[2J" was added/],
  [
    'a link in place of a file',
    async () => {
      await rename(at('evidence', 'serial.log'), at('elsewhere'));
      await symlink(at('elsewhere'), at('evidence', 'serial.log'));
    },
    /"serial.log" is no regular file/,
  ],
])('tells %s', async (_name, tamper, problem) => {
  await sealed();
  await tamper();
  const { intact, problems } = await check();
  expect(intact).toBe(false);
  expect(problems.join('\n')).toMatch(problem);
});

it.each<
  [
    name: string,
    tamper: (document: { evidence: Record<string, unknown>; signature: Record<string, unknown> }) => void,
  ]
>([
  [
    'another verdict',
    ({ evidence }) => (evidence.verdict = { outcome: 'passed', message: 'It starts well.' }),
  ],
  ['another machine', ({ evidence }) => (evidence.machine = { name: 'db01' })],
  ['a file taken out of the list', ({ evidence }) => (evidence.files as unknown[]).pop()],
  ['something added', ({ evidence }) => (evidence.note = 'approved')],
  ['another signature', ({ signature }) => (signature.value = Buffer.alloc(64, 1).toString('base64'))],
  ['a signature that is none', ({ signature }) => (signature.value = 'x')],
  ['a key that is none', ({ signature }) => (signature.publicKey = 'x')],
])('tells a document with %s', async (_name, tamper) => {
  await sealed();
  const document = await readJson();
  tamper(document);
  await writeJson(document);
  const { intact, problems } = await check();
  expect(intact).toBe(false);
  expect(problems.join('\n')).toContain('was changed after it was signed');
});

it("takes another host's signature for another host's", async () => {
  await sealed();
  const own = (await check()).signedBy.fingerprint;
  await rm(folder(), { recursive: true });
  await sealed(at('another'));
  const other = await check();
  expect(other.intact).toBe(true);
  expect(other.signedBy.fingerprint).not.toBe(own);
});

/** An enrolled agent: a CA, and a certificate of it for the agent's key. */
async function enrol(stateDir: string): Promise<string> {
  const { key, csr } = await makeCertificateRequest();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notAfter = new Date(Date.now() + 3_600_000);
  const signing = { ...algorithm, hash: 'SHA-256' };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=CA',
    keys,
    notAfter,
    signingAlgorithm: signing,
  });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=agent',
    issuer: ca.subject,
    publicKey: new x509.Pkcs10CertificateRequest(new Uint8Array(csr)).publicKey,
    signingKey: keys.privateKey,
    notAfter,
    signingAlgorithm: signing,
  });
  await writeIdentity(stateDir, {
    agentId: 'agent-1',
    site: 'Berlin',
    linkAddress: 'localhost:1',
    key,
    certificate: certificate.toString('pem'),
    ca: ca.toString('pem'),
    orderKey: '',
    certificateObtainedAt: new Date().toISOString(),
  });
  return ca.toString('pem');
}

it("is signed with an enrolled agent's own key, and the certificate is checked where its CA is known", async () => {
  const ca = await enrol(at('state'));
  await sealed();
  expect(await check(ca)).toMatchObject({
    intact: true,
    signedBy: { kind: 'agent', agentId: 'agent-1', trusted: true },
  });
  expect(await check()).toMatchObject({ intact: true, signedBy: { trusted: undefined } });
  const foreign = await enrol(at('another'));
  expect(await check(foreign)).toMatchObject({ intact: false, signedBy: { trusted: false } });
});

it('does not believe a certificate whose key did not sign', async () => {
  await enrol(at('state'));
  const named = await openSigner(at('state'));
  const forger = await openSigner(at('another'));
  const evidence = await openEvidence(folder());
  await evidence.seal(await factsOf(), { signer: { ...forger, agent: named.agent } });
  const { intact, problems } = await check();
  expect(intact).toBe(false);
  expect(problems.join('\n')).toContain("not made with the key of the agent's certificate");
});

it.each<[name: string, make: () => Promise<unknown>]>([
  ['no folder', () => Promise.resolve()],
  ['a folder without a document', () => mkdir(folder())],
  ['no JSON', () => mkdir(folder()).then(() => writeFile(at('evidence', DOCUMENT), '{'))],
  ['another JSON', () => mkdir(folder()).then(() => writeJson({ evidence: {}, signature: {} }))],
  ['a folder in its place', () => mkdir(at('evidence', DOCUMENT), { recursive: true })],
  [
    'a document without an end',
    async () => {
      await mkdir(folder());
      await writeFile(at('evidence', DOCUMENT), '');
      await truncate(at('evidence', DOCUMENT), 1024 ** 4);
    },
  ],
])('refuses %s', async (_name, make) => {
  await make();
  await expect(check()).rejects.toMatchObject({ code: 'evidence.invalid' });
});

it('never leaves its folder, whatever name the document gives', async () => {
  await sealed();
  await writeFile(at('secret'), 'x');
  const document = (await readJson()) as { evidence: { files: { name: string }[] } };
  document.evidence.files[0]!.name = '../secret';
  await writeJson(document);
  expect((await check()).problems.join('\n')).toContain('"../secret" is no name of a file of this folder');
});

it('writes into no folder that holds something', async () => {
  await mkdir(folder());
  await writeFile(at('evidence', 'mine'), 'x');
  await expect(openEvidence(folder())).rejects.toMatchObject({ code: 'already-exists' });
});

it('gives an answer or an error of ours for any document', async () => {
  await sealed();
  const good = await readFile(at('evidence', DOCUMENT), 'utf8');
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length),
      fc.nat(40),
      fc.string({ maxLength: 20 }),
      async (start, length, text) => {
        await writeFile(at('evidence', DOCUMENT), good.slice(0, start) + text + good.slice(start + length));
        const outcome = await check().catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AscendError);
      },
    ),
    { numRuns: 60 },
  );
});

it('writes the same bytes for the same JSON, and other bytes for another', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const bytes = canonicalBytes(value);
      expect(canonicalBytes(JSON.parse(bytes.toString()) as never)).toEqual(bytes);
    }),
    { numRuns: 100 },
  );
  expect(canonicalBytes({ b: 1, a: ['x', null, { d: true, c: undefined }] }).toString()).toBe(
    '{"a":["x",null,{"d":true}],"b":1}',
  );
  expect(evidenceSchema.safeParse({}).success).toBe(false);
});
