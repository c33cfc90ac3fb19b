/** What a failed call to the controller means to a person. */
import { status, type ServiceError } from '@grpc/grpc-js';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { errorOfStatus } from '../../proto/grpc-status.ts';

// A TLS alert (RFC 8446, section 6.2), or the "Failed to connect" of grpc-js 1.14 for a connection that is closed between
// the TLS handshake and HTTP/2's settings: that is how Node's TLS server turns down a certificate it can read.
const turnedDown = /alert (?:certificate|bad certificate|unknown ca)|Last error: Failed to connect/i;
const untrusted =
  /self-signed certificate|unable to verify|unable to get (?:local )?issuer|certificate signature failure|unsuitable certificate|invalid purpose|altnames/i;
const outOfTime = /certificate has expired|certificate is not yet valid/i;

export function asLinkError(thrown: unknown, address: string): AscendError {
  if (!isServiceError(thrown)) return asAscendError(thrown);
  return errorOfStatus(thrown) ?? ofTransport(thrown, address);
}

function ofTransport(error: ServiceError, address: string): AscendError {
  if (turnedDown.test(error.details)) {
    return new AscendError(
      'link.refused',
      `The controller at ${address} closes the connection when the agent shows its certificate.`,
      {
        context: { address },
        hint: 'The certificate may have expired, or be of another controller. Make a new token and run "ascend-agent enrol --force".',
        cause: error,
      },
    );
  }
  if (outOfTime.test(error.details)) {
    return new AscendError(
      'link.refused',
      `The certificate of the controller at ${address} is not valid at this host's time.`,
      {
        context: { address, now: new Date().toISOString() },
        hint: 'Compare the clocks of the controller and of this host ("timedatectl"), and set the wrong one.',
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
