/** Enrolment: a one-time secret and a key become an agent. */
import { AscendError } from '../../proto/errors.ts';
import type { EnrolRequest, EnrolResponse } from '../../proto/gen/ascend/v1/enrolment.ts';
import type { Authority } from './authority.ts';
import type { AgentDirectory } from './contract.ts';
import { hashSecret } from './token.ts';

export interface EnrolmentParts {
  readonly authority: Authority;
  readonly directory: AgentDirectory;
  /** "host:port" of the Link service as agents reach it; ":port" on the host that they enrol at. */
  readonly linkAddress: string;
}

// A host name has at most 253 characters (RFC 1035, section 2.3.4).
const maxHostname = 253;

/** @throws usage.invalid for a bad request, which costs no token; enrol.token-* of the directory */
export async function enrol(request: EnrolRequest, parts: EnrolmentParts): Promise<EnrolResponse> {
  const { authority, directory, linkAddress } = parts;
  if (request.hostname.length > maxHostname) {
    throw new AscendError('usage.invalid', `The host name is longer than ${maxHostname} characters.`);
  }
  const key = await authority.readCertificateRequest(request.csr);
  const secretHash = hashSecret(request.secret);
  const { agentId, site } = await directory.enrol({ secretHash, hostname: request.hostname });
  const { certificate } = await authority.issueAgentCertificate(agentId, key);
  return {
    agentId,
    site,
    certificate,
    caCertificate: authority.caCertificate,
    orderKey: authority.orderKey,
    linkAddress,
  };
}
