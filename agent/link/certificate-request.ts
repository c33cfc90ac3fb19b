/** A new key of this agent, and the request for its certificate. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import * as x509 from '../../proto/x509.ts';

export interface CertificateRequest {
  /** PEM, PKCS#8. */
  readonly key: string;
  /** PKCS#10, DER. */
  readonly csr: Buffer;
}

export async function makeCertificateRequest(): Promise<CertificateRequest> {
  const pair = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    // The controller names the agent; a request needs some subject.
    name: 'CN=agent',
    keys: {
      privateKey: pair.privateKey.toCryptoKey(algorithm, true, ['sign']),
      publicKey: pair.publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    csr: Buffer.from(request.rawData),
  };
}
