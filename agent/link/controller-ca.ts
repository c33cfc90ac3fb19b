/** Looks at who answers, before a secret is sent. */
import { type X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { AscendError } from '../../proto/errors.ts';
import { controllerName, pinOf } from '../../proto/controller-identity.ts';
import { splitAddress } from './channel.ts';
import { unreachable } from './failure.ts';

const handshakeMs = 10_000;

/**
 * The CA of the controller at an address, if it is the one that was pinned. Nothing but a TLS handshake is sent.
 *
 * @returns PEM
 * @throws link.unreachable, enrol.pin-mismatch
 */
export async function fetchPinnedCa(address: string, pin: string): Promise<string> {
  const [leaf, ...issuers] = await presentedChain(address);
  const ca = issuers.find(
    (issuer) => pinOf(issuer.publicKey.export({ type: 'spki', format: 'der' })) === pin,
  );
  // This is for a clear message. What protects the secret is that the call itself then trusts this CA alone.
  if (!leaf || !ca?.ca || !leaf.verify(ca.publicKey)) throw mismatch(address);
  return ca.toString();
}

async function presentedChain(address: string): Promise<X509Certificate[]> {
  const socket = connect({
    ...splitAddress(address),
    servername: controllerName,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    // The CA is not known yet: the chain is judged by its pin, and the connection is used for nothing else.
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(handshakeMs) });
    return [...issuersFrom(socket.getPeerX509Certificate())];
  } catch (cause) {
    throw unreachable(address, cause);
  } finally {
    socket.destroy();
  }
}

function* issuersFrom(leaf: X509Certificate | undefined): Generator<X509Certificate> {
  for (let certificate = leaf; certificate; certificate = certificate.issuerCertificate) yield certificate;
}

function mismatch(address: string): AscendError {
  return new AscendError(
    'enrol.pin-mismatch',
    `What answers at ${address} is not the controller that made the token.`,
    {
      context: { address },
      hint: 'The secret was not sent. See where the address leads; if the controller was set up anew, make a new token.',
    },
  );
}
