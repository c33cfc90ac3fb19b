/** TLS of the link's two ports. */
import { ServerCredentials } from '@grpc/grpc-js';
import type { ServerCertificate } from './authority.ts';

interface TlsOptions {
  readonly server: ServerCertificate;
  /** PEM. Clients must show a certificate of this CA; without it, none is asked for. */
  readonly clientCa?: string;
}

/**
 * gRPC's own `createSsl` can neither ask for TLS 1.3 nor take a new certificate while it serves.
 * Its base class can do both, and is exported for that (grpc-js 1.14, server-credentials.ts).
 */
export class TlsCredentials extends ServerCredentials {
  readonly #clientCa: string | undefined;

  constructor({ server, clientCa }: TlsOptions) {
    const mutual = clientCa !== undefined;
    super({ requestCert: mutual, rejectUnauthorized: mutual }, contextOf(server, clientCa));
    this.#clientCa = clientCa;
  }

  /** For connections from now on; the ones that are open go on. */
  renew(server: ServerCertificate): void {
    this.updateSecureContextOptions(contextOf(server, this.#clientCa));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function contextOf({ key, chain }: ServerCertificate, ca: string | undefined) {
  return { key, cert: chain, ca, minVersion: 'TLSv1.3' as const };
}
