/** What a failed call to the controller means to a person. */
import { status, type ServiceError } from '@grpc/grpc-js';
import { AscendError } from '../../proto/errors.ts';
import { errorOfStatus } from '../../proto/grpc-status.ts';

// What OpenSSL says where the other side turns our certificate down (RFC 8446, section 6.2).
const turnedDown = /alert (?:certificate|bad certificate|unknown ca|access denied|unsupported certificate)/i;
const untrusted =
  /self-signed certificate|unable to verify|unable to get (?:local )?issuer|certificate signature failure|unsuitable certificate|invalid purpose|altnames|certificate has expired|not yet valid/i;

export function asLinkError(thrown: unknown, address: string): AscendError {
  if (thrown instanceof AscendError) return thrown;
  if (!isServiceError(thrown)) return unreachable(address, thrown);
  return errorOfStatus(thrown) ?? ofTransport(thrown, address);
}

function ofTransport(error: ServiceError, address: string): AscendError {
  if (turnedDown.test(error.details)) {
    return new AscendError(
      'link.refused',
      `The controller at ${address} does not accept this agent's certificate.`,
      {
        context: { address },
        hint: 'It may have expired, or be another controller\'s. Make a new token and run "ascend-agent enrol --force".',
        cause: error,
      },
    );
  }
  if (untrusted.test(error.details)) {
    return new AscendError(
      'link.refused',
      `What answers at ${address} is not the controller of this agent.`,
      {
        context: { address, detail: error.details },
        hint: 'See where the address leads. If the controller was set up anew, run "ascend-agent enrol --force".',
        cause: error,
      },
    );
  }
  if (error.code === status.UNIMPLEMENTED) {
    return new AscendError('link.refused', `The controller at ${address} does not know this call.`, {
      context: { address },
      hint: 'Upgrade the controller, then the agents.',
      cause: error,
    });
  }
  return unreachable(address, error);
}

export function unreachable(address: string, cause: unknown): AscendError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new AscendError('link.unreachable', `The controller cannot be reached at ${address}.`, {
    context: { address, detail },
    hint: 'See that the controller runs, that the name resolves here, and that no firewall is in between.',
    cause,
  });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown;
}
