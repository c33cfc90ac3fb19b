/** A client that speaks the Link service as it is told to, whether that is allowed or not. */
import { ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { channelOptions } from '../../agent/link/channel.ts';
import { expect } from 'vitest';
import {
  LinkClient,
  type AgentMessage,
  type ControllerMessage,
  type RenewCertificateResponse,
} from '../../proto/gen/ascend/v1/link.ts';
import { description } from './bench.ts';
import { eventually } from './eventually.ts';

export type Answer = ControllerMessage | ServiceError;

/** A connection, and a session on it that has said Hello for `agentId`. */
export class RawClient implements Disposable {
  readonly #client: LinkClient;
  readonly #call: ReturnType<LinkClient['session']>;
  readonly #answers: Answer[] = [];

  constructor(address: string, tls: SecureContextOptions, agentId: string) {
    const credentials = ChannelCredentials.createFromSecureContext(createSecureContext(tls));
    this.#client = new LinkClient(address, credentials, channelOptions);
    this.#call = this.#client.session();
    this.#call.on('data', (message: ControllerMessage) => this.#answers.push(message));
    this.#call.on('error', (error: ServiceError) => this.#answers.push(error));
    this.send({ $case: 'hello', value: { ...description, agentId } });
  }

  send(body: AgentMessage['body']): void {
    this.#call.write({ body });
  }

  /** The next message that has not been taken yet, or the error that the call ended with. */
  next(): Promise<Answer> {
    return eventually(() => this.#answers.shift() ?? expect.fail('nothing has arrived'));
  }

  /** @returns what a certificate request gets over the same connection. */
  renew(csr: Buffer): Promise<RenewCertificateResponse | ServiceError> {
    return new Promise((resolve) => {
      this.#client.renewCertificate({ csr }, (error, response) => resolve(error ?? response));
    });
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }
}

/** @returns the first answer to a Hello. */
export async function knock(address: string, tls: SecureContextOptions, agentId: string): Promise<Answer> {
  using client = new RawClient(address, tls, agentId);
  return await client.next();
}
