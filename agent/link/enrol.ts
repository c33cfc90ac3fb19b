/** Makes this host an agent of a controller, with a one-time token. */
import { Metadata } from '@grpc/grpc-js';
import { X509Certificate, createPublicKey } from 'node:crypto';
import { AscendError } from '../../proto/errors.ts';
import { decodeToken } from '../../proto/enrolment-token.ts';
import {
  EnrolmentClient,
  type EnrolRequest,
  type EnrolResponse,
} from '../../proto/gen/ascend/v1/enrolment.ts';
import { makeCertificateRequest } from './certificate-request.ts';
import { channelOptions, credentials } from './channel.ts';
import { fetchPinnedCa } from './controller-ca.ts';
import { asLinkError } from './failure.ts';
import { readIdentity, writeIdentity, type Identity } from './identity.ts';

export interface EnrolOptions {
  readonly token: string;
  readonly stateDirectory: string;
  readonly hostname: string;
  /** Replaces the identity that the host has. */
  readonly force?: boolean;
}

const answerWithinMs = 15_000;

/**
 * @returns the new identity, which is on disk by then.
 * @throws enrol.token-invalid, enrol.token-expired, enrol.token-used, enrol.pin-mismatch, link.unreachable,
 *   already-exists when the host is enrolled and `force` is not set
 */
export async function enrol({ token, stateDirectory, hostname, force }: EnrolOptions): Promise<Identity> {
  const { address, pin, secret } = decodeToken(token);
  if (force !== true) await requireNotEnrolled(stateDirectory);
  const ca = await fetchPinnedCa(address, pin);
  const { key, csr } = await makeCertificateRequest();
  const response = await call(address, ca, { secret, csr, hostname });
  const identity: Identity = {
    agentId: response.agentId,
    site: response.site,
    linkAddress: fromHost(response.linkAddress, address),
    key,
    certificate: new X509Certificate(response.certificate).toString(),
    ca,
    orderKey: createPublicKey({ key: response.orderKey, type: 'spki', format: 'der' })
      .export({ type: 'spki', format: 'pem' })
      .toString(),
    certificateObtainedAt: new Date().toISOString(),
  };
  await writeIdentity(stateDirectory, identity);
  return identity;
}

async function requireNotEnrolled(stateDirectory: string): Promise<void> {
  const identity = await readIdentity(stateDirectory);
  if (identity === undefined) return;
  throw new AscendError('already-exists', `This host is enrolled already, as agent ${identity.agentId}.`, {
    context: { agent: identity.agentId, site: identity.site, controller: identity.linkAddress },
    hint: 'The token was not used. To replace the identity, run the command again with "--force".',
  });
}

function fromHost(linkAddress: string, enrolmentAddress: string): string {
  if (!linkAddress.startsWith(':')) return linkAddress;
  return enrolmentAddress.slice(0, enrolmentAddress.lastIndexOf(':')) + linkAddress;
}

async function call(address: string, ca: string, request: EnrolRequest): Promise<EnrolResponse> {
  const client = new EnrolmentClient(address, credentials({ ca }), channelOptions);
  try {
    return await new Promise((resolve, reject) => {
      const deadline = new Date(Date.now() + answerWithinMs);
      client.enrol(request, new Metadata(), { deadline }, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  } catch (thrown) {
    throw asLinkError(thrown, address);
  } finally {
    client.close();
  }
}
