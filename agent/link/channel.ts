/** How the agent connects to its controller: TLS 1.3, one trusted CA, one name. */
import { ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import { createSecureContext } from 'node:tls';
import { controllerName } from '../../proto/controller-identity.ts';
import type { Identity } from './identity.ts';

/** PEMs. Without a key and its certificate the controller sees an anonymous client. */
export function credentials(trust: Pick<Identity, 'ca'> & Partial<Identity>): ChannelCredentials {
  const { ca, key, certificate: cert } = trust;
  return ChannelCredentials.createFromSecureContext(
    createSecureContext({ ca, key, cert, minVersion: 'TLSv1.3' }),
  );
}

export const channelOptions = {
  'grpc.ssl_target_name_override': controllerName,
  'grpc.default_authority': controllerName,
  // A proxy between agent and controller would have to be configured for Ascend, not found in the environment.
  'grpc.enable_http_proxy': 0,
  // Ours is the only retry, so that backoff is in one place and a call is made once.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  // Notices a controller that vanished without closing the connection.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
} satisfies ChannelOptions;

/** @throws RangeError when it is not "host:port" */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`"${address}" is not an address of the form host:port`);
  }
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}
