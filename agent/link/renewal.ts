/** A new key and certificate for this agent, while the old one still counts. */
import { Metadata } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { LinkClient, type RenewCertificateResponse } from '../../proto/gen/ascend/v1/link.ts';
import { makeCertificateRequest } from './certificate-request.ts';
import { channelOptions, credentials } from './channel.ts';
import { asLinkError } from './failure.ts';
import { type Identity, writeIdentity } from './identity.ts';

const answerWithinMs = 15_000;

/**
 * Asks over a connection of its own, made with the newest certificate: the session's connection may be older than that,
 * and is not touched.
 *
 * @returns the new identity, which is on disk by then.
 * @throws link.refused, link.unreachable
 */
export async function renewCertificate(stateDirectory: string, identity: Identity): Promise<Identity> {
  const { key, csr } = await makeCertificateRequest();
  const { certificate } = await call(identity, csr);
  const renewed = {
    ...identity,
    key,
    certificate: new X509Certificate(certificate).toString(),
    certificateObtainedAt: new Date().toISOString(),
  };
  await writeIdentity(stateDirectory, renewed);
  return renewed;
}

async function call(identity: Identity, csr: Buffer): Promise<RenewCertificateResponse> {
  const client = new LinkClient(identity.linkAddress, credentials(identity), channelOptions);
  try {
    return await new Promise((resolve, reject) => {
      const deadline = new Date(Date.now() + answerWithinMs);
      client.renewCertificate({ csr }, new Metadata(), { deadline }, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  } catch (thrown) {
    throw asLinkError(thrown, identity.linkAddress);
  } finally {
    client.close();
  }
}
