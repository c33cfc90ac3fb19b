/** The controller's certificate authority: it names agents, vouches for the controller and signs orders. */
import { isIP } from 'node:net';
import { createPublicKey, generateKeyPair, sign, type KeyObject, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { AscendError } from '../../proto/errors.ts';
import { controllerName, pinOf } from '../../proto/controller-identity.ts';
import type { SignedOrder } from '../../proto/gen/ascend/v1/link.ts';
import * as x509 from '../../proto/x509.ts';
import { readAuthority, writeAuthority, type AuthorityKeys } from './authority-files.ts';

export interface Authority {
  /** SHA-256 of the CA's SubjectPublicKeyInfo, base64url; it goes into every enrolment token. */
  readonly pin: string;
  /** DER */
  readonly caCertificate: Buffer;
  /** SubjectPublicKeyInfo (DER) of the key that signs orders. */
  readonly orderKey: Buffer;

  /**
   * @param csr - PKCS#10, DER. Only its key is taken over; the agent's name and rights are ours to say.
   * @throws usage.invalid when it is not a request, its signature is wrong, or its key is neither P-256 nor Ed25519
   */
  readCertificateRequest(csr: Uint8Array): Promise<AgentKey>;
  issueAgentCertificate(agentId: string, key: AgentKey): Promise<AgentCertificate>;
  /**
   * A key and a certificate for the controller's ports; kept in memory only. Agents know the controller by its fixed
   * name; `names` are host names and IP addresses that browsers know it by.
   */
  issueServerCertificate(names?: readonly string[]): Promise<ServerCertificate>;
  /** ECDSA P-256 with SHA-256, IEEE P1363, over the payload as it is. */
  signOrder(payload: Uint8Array): SignedOrder;
}

/** A key that a certificate request has proven to hold. */
export interface AgentKey {
  readonly spki: Buffer;
}

export interface AgentCertificate {
  /** DER */
  readonly certificate: Buffer;
  readonly expiresAt: Date;
}

export interface ServerCertificate {
  /** PEM */
  readonly key: string;
  /** PEM: the certificate, then the CA, which an enrolling agent compares with its pin. */
  readonly chain: string;
  readonly renewAt: Date;
}

export interface AuthorityOptions {
  /** Lifetime of agents' certificates; they are renewed when half of it is over. */
  readonly agentCertificateSeconds?: number;
}

const day = 24 * 3600;
// An agent that has lost its controller for longer than half of this has to be enrolled again, so it must outlast a
// controller that is itself being restored. Revocation does not wait for it: the directory is asked on every call.
const defaultAgentCertificateSeconds = 14 * day;
const serverCertificateSeconds = 90 * day;
const caSeconds = 20 * 365 * day;
// Agents check these against their own clocks, which may be behind ours.
const clockToleranceSeconds = 3600;
const maxCsrBytes = 4096;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const usage = x509.KeyUsageFlags;

/**
 * Opens the authority in `directory`, or makes one there on the first start.
 *
 * @throws state.invalid
 */
export async function openAuthority(directory: string, options: AuthorityOptions = {}): Promise<Authority> {
  const keys = (await readAuthority(directory)) ?? (await makeAuthority(directory));
  const ca = new x509.X509Certificate(keys.certificate);
  const issuer: Issuer = { name: ca.subject, key: cryptoKey(keys.caKey) };
  const agentSeconds = options.agentCertificateSeconds ?? defaultAgentCertificateSeconds;
  return {
    pin: pinOf(new Uint8Array(ca.publicKey.rawData)),
    caCertificate: Buffer.from(ca.rawData),
    orderKey: createPublicKey(keys.orderKey).export({ type: 'spki', format: 'der' }),
    readCertificateRequest,
    issueAgentCertificate: (agentId, key) => issueAgentCertificate(issuer, agentId, key, agentSeconds),
    issueServerCertificate: (names = []) => issueServerCertificate(issuer, keys.certificate, names),
    signOrder: (payload) => ({
      payload: Buffer.from(payload),
      signature: sign('sha256', payload, { key: keys.orderKey, dsaEncoding: 'ieee-p1363' }),
    }),
  };
}

interface Issuer {
  readonly name: string;
  readonly key: webcrypto.CryptoKey;
}

async function makeAuthority(directory: string): Promise<AuthorityKeys> {
  const ca = await makeKeyPair();
  const order = await makeKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Ascend controller CA',
    keys: { privateKey: cryptoKey(ca.privateKey), publicKey: cryptoKey(ca.publicKey) },
    ...validity(caSeconds, clockToleranceSeconds),
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(cryptoKey(ca.publicKey)),
    ],
  });
  const keys = { certificate: certificate.toString('pem'), caKey: ca.privateKey, orderKey: order.privateKey };
  await writeAuthority(directory, keys);
  return keys;
}

async function readCertificateRequest(csr: Uint8Array): Promise<AgentKey> {
  if (csr.length > maxCsrBytes) throw badRequest(`it is larger than ${maxCsrBytes} bytes`);
  const request = parseRequest(csr);
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== 'Ed25519' && !(name === 'ECDSA' && namedCurve === 'P-256')) {
    throw badRequest(`its key is ${namedCurve ?? name}, and only P-256 and Ed25519 are taken`);
  }
  if (!(await request.verify())) throw badRequest('its signature does not match its key');
  return { spki: Buffer.from(request.publicKey.rawData) };
}

function parseRequest(csr: Uint8Array): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(csr));
  } catch (cause) {
    throw badRequest('it is not PKCS#10', cause);
  }
}

function badRequest(why: string, cause?: unknown): AscendError {
  return new AscendError('usage.invalid', `The certificate request was refused: ${why}.`, { cause });
}

async function issueAgentCertificate(
  issuer: Issuer,
  agentId: string,
  { spki }: AgentKey,
  seconds: number,
): Promise<AgentCertificate> {
  const issued = await issue(issuer, {
    name: agentId,
    publicKey: new x509.PublicKey(spki),
    // Only our own clock judges these, so there is no tolerance to add.
    ...validity(seconds, 0),
    rights: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth], true)],
  });
  return { certificate: Buffer.from(issued.rawData), expiresAt: issued.notAfter };
}

async function issueServerCertificate(
  issuer: Issuer,
  caPem: string,
  names: readonly string[],
): Promise<ServerCertificate> {
  const keys = await makeKeyPair();
  const issued = await issue(issuer, {
    name: controllerName,
    publicKey: new x509.PublicKey(keys.publicKey.export({ type: 'spki', format: 'der' })),
    ...validity(serverCertificateSeconds, clockToleranceSeconds),
    rights: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: controllerName },
        ...names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ]),
    ],
  });
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    chain: `${issued.toString('pem')}\n${caPem}`,
    renewAt: new Date(Date.now() + (serverCertificateSeconds * 1000) / 2),
  };
}

interface Subject {
  readonly name: string;
  readonly publicKey: x509.PublicKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly rights: x509.Extension[];
}

function issue(issuer: Issuer, subject: Subject): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: [subject.name] }],
    issuer: issuer.name,
    publicKey: subject.publicKey,
    signingKey: issuer.key,
    signingAlgorithm,
    notBefore: subject.notBefore,
    notAfter: subject.notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usage.digitalSignature, true),
      ...subject.rights,
    ],
  });
}

/** X.509 times are whole seconds; ours are cut down to them. */
function validity(seconds: number, toleranceSeconds: number): { notBefore: Date; notAfter: Date } {
  const now = Math.floor(Date.now() / 1000);
  return { notBefore: new Date((now - toleranceSeconds) * 1000), notAfter: new Date((now + seconds) * 1000) };
}

function makeKeyPair(): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  return promisify(generateKeyPair)('ec', { namedCurve: ecdsa.namedCurve });
}

function cryptoKey(key: KeyObject): webcrypto.CryptoKey {
  return key.toCryptoKey(ecdsa, true, [key.type === 'private' ? 'sign' : 'verify']);
}
