/** Signs evidence: ECDSA over P-256 with SHA-256. Source: FIPS 186-5, section 6; signatures in IEEE P1363 form. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AscendError } from '../../../proto/errors.ts';
import { readIdentity } from '../../link/identity.ts';

export interface EvidenceSigner {
  /** Who an enrolled agent is, by its certificate; undefined for a key that only this host knows. */
  readonly agent: { id: string; site: string; certificate: string } | undefined;
  sign(bytes: Buffer): Signature;
}

export const signatureSchema = z.strictObject({
  algorithm: z.literal('ecdsa-p256-sha256'),
  /** SPKI, DER, base64. */
  publicKey: z.string().max(1000),
  /** SHA-256 of that, in hexadecimal. */
  fingerprint: z.string().max(100),
  /** r and s, 64 bytes, base64. */
  value: z.string().max(200),
});

export type Signature = z.infer<typeof signatureSchema>;

const KEY_FILE = 'evidence-key.pem';

/** The agent's own key where it is enrolled, else one made for this host. @throws state.invalid */
export async function openSigner(stateDir: string): Promise<EvidenceSigner> {
  const identity = await readIdentity(stateDir);
  if (!identity) return signerOf(await localKey(stateDir), undefined);
  const { key, agentId: id, site, certificate } = identity;
  return signerOf(key, { id, site, certificate });
}

async function localKey(stateDir: string): Promise<string> {
  const file = path.join(stateDir, KEY_FILE);
  const there = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (there !== undefined) return there;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, key, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    // Another command of this agent has just made one: that is the key from now on.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return readFile(file, 'utf8');
}

function signerOf(pem: string, agent: EvidenceSigner['agent']): EvidenceSigner {
  let key;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new AscendError('state.invalid', "The agent's key for evidence cannot be read.", {
      hint: `Remove ${KEY_FILE} from the state folder: a new one is made.`,
      cause,
    });
  }
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    agent,
    sign: (bytes) => ({
      algorithm: 'ecdsa-p256-sha256',
      publicKey: spki.toString('base64'),
      fingerprint: fingerprintOf(spki),
      value: sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
    }),
  };
}

export function fingerprintOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** Whether this key made this signature of these bytes. */
export function isSigned(bytes: Buffer, { publicKey, fingerprint, value }: Signature): boolean {
  const spki = Buffer.from(publicKey, 'base64');
  if (fingerprintOf(spki) !== fingerprint) return false;
  try {
    const key = createPublicKey({ key: spki, type: 'spki', format: 'der' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(value, 'base64'));
  } catch {
    return false;
  }
}
