/** Who calls. TLS has checked that the certificate is one of our CA; the rest is checked here, on every call. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { AscendError } from '../../proto/errors.ts';
import type { AgentDirectory } from './contract.ts';

export interface Peer {
  readonly agentId: string;
  readonly certificateExpiresAt: Date;
}

type Call = Pick<ServerUnaryCall<never, never>, 'getAuthContext' | 'getPeer'>;

/** @throws link.refused */
export async function identifyPeer(call: Call, directory: AgentDirectory): Promise<Peer> {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const agentId = certificate?.subject.CN;
  if (certificate === undefined || typeof agentId !== 'string') {
    throw refused(call.getPeer(), 'it shows no certificate of an agent');
  }
  const certificateExpiresAt = new Date(certificate.valid_to);
  // TLS checks this too, but not on a connection that was opened before the certificate expired.
  if (certificateExpiresAt.getTime() <= Date.now()) throw refused(agentId, 'its certificate has expired');
  await requireWelcome(agentId, directory);
  return { agentId, certificateExpiresAt };
}

/** @throws link.refused when the agent does not exist or has been revoked */
export async function requireWelcome(agentId: string, directory: AgentDirectory): Promise<void> {
  const agent = await directory.find(agentId);
  if (agent === undefined) throw refused(agentId, 'the controller does not know it');
  if (agent.revoked) throw refused(agentId, 'it has been revoked');
}

export function refused(who: string, why: string): AscendError {
  return new AscendError('link.refused', `The controller refuses agent ${who}: ${why}.`, {
    context: { agent: who },
    hint: 'Make a new enrolment token and run "ascend-agent enrol --force" on the agent\'s host.',
  });
}
