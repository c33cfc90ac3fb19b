/** An agent as the wire knows it: enrols, says Hello, and does with orders what a test tells it to. */
import { generateKeyPair, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { ChannelCredentials } from '@grpc/grpc-js';
import { controllerName } from '../../proto/controller-identity.ts';
import { decodeToken } from '../../proto/enrolment-token.ts';
import { EnrolmentClient, type EnrolResponse } from '../../proto/gen/ascend/v1/enrolment.ts';
import {
  LinkClient,
  Order,
  type AgentMessage,
  type BackupEntry,
  type ControllerMessage,
} from '../../proto/gen/ascend/v1/link.ts';
import type { RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import * as x509 from '../../proto/x509.ts';
import { everything, helloOf } from './start.ts';

const channel = {
  'grpc.ssl_target_name_override': controllerName,
  'grpc.default_authority': controllerName,
  'grpc.use_local_subchannel_pool': 1,
};

interface Identity {
  readonly agentId: string;
  readonly linkAddress: string;
  readonly tls: { readonly ca: string; readonly key: string; readonly cert: string };
}

/** @param ca - PEM; a real agent learns it from the connection and compares it with the token's pin. */
export async function enrol(token: string, ca: string, hostname: string): Promise<Identity> {
  const pair = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent',
    keys: {
      privateKey: pair.privateKey.toCryptoKey(algorithm, true, ['sign']),
      publicKey: pair.publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const { address, secret } = decodeToken(token);
  const credentials = ChannelCredentials.createFromSecureContext(createSecureContext({ ca }));
  const client = new EnrolmentClient(address, credentials, channel);
  const response = await new Promise<EnrolResponse>((resolve, reject) => {
    client.enrol({ secret, csr: Buffer.from(csr.rawData), hostname }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
  client.close();
  return {
    agentId: response.agentId,
    // ":port" stands for the host that was just called.
    linkAddress: response.linkAddress.replace(/^:/, `${address.slice(0, address.lastIndexOf(':'))}:`),
    tls: {
      ca,
      key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      cert: new X509Certificate(response.certificate).toString(),
    },
  };
}

/** One session. Orders are accepted as they come, and kept. */
export class WireAgent implements Disposable {
  readonly orders: Order[] = [];
  /** The newest sequence that the controller has acknowledged, or named in its welcome. */
  acknowledged = -1n;
  /** Why the session broke off. */
  broken: string | undefined;
  readonly #client: LinkClient;
  readonly #call: ReturnType<LinkClient['session']>;
  readonly #onOrder: (order: Order, agent: WireAgent) => void;

  constructor(
    identity: Identity,
    hostname: string,
    onOrder: (order: Order, agent: WireAgent) => void = () => undefined,
  ) {
    this.#onOrder = onOrder;
    const credentials = ChannelCredentials.createFromSecureContext(createSecureContext(identity.tls));
    this.#client = new LinkClient(identity.linkAddress, credentials, channel);
    this.#call = this.#client.session();
    this.#call.on('data', (message: ControllerMessage) => this.#hear(message));
    this.#call.on('error', (error) => (this.broken = error.message));
    this.say({ $case: 'hello', value: helloOf(identity.agentId, hostname) });
  }

  say(body: NonNullable<AgentMessage['body']>): void {
    this.#call.write({ body });
  }

  send(events: RunEvent[]): void {
    this.say({ $case: 'events', value: { events } });
  }

  catalog(backups: BackupEntry[]): void {
    this.say({ $case: 'catalogUpdate', value: everything(backups) });
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }

  #hear({ body }: ControllerMessage): void {
    if (body?.$case === 'welcome') this.acknowledged = body.value.lastEventSequence;
    if (body?.$case === 'eventAck') this.acknowledged = body.value.sequence;
    if (body?.$case !== 'order') return;
    const order = Order.decode(body.value.payload);
    this.orders.push(order);
    const receipt = { orderId: order.orderId, accepted: true, refusalCode: '', refusal: '' };
    if (order.action?.$case !== 'check') this.say({ $case: 'receipt', value: receipt });
    this.#onOrder(order, this);
  }
}
