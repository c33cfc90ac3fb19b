/** A client that speaks the Link service as it is told to, whether that is allowed or not. */
import { ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { channelOptions } from '../../agent/link/channel.ts';
import { LinkClient, type ControllerMessage } from '../../proto/gen/ascend/v1/link.ts';
import { description } from './bench.ts';

/**
 * Opens a session with a Hello for `agentId`.
 *
 * @returns the first message, or the error that the call ended with.
 */
export async function knock(
  address: string,
  tls: SecureContextOptions,
  agentId: string,
): Promise<ControllerMessage | ServiceError> {
  const credentials = ChannelCredentials.createFromSecureContext(createSecureContext(tls));
  const client = new LinkClient(address, credentials, channelOptions);
  try {
    const call = client.session();
    call.write({ body: { $case: 'hello', value: { ...description, agentId } } });
    return await new Promise((resolve) => {
      call.on('data', resolve);
      call.on('error', (error) => resolve(error as ServiceError));
    });
  } finally {
    client.close();
  }
}
