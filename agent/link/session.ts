/** One session with the controller, from Hello to whatever ends it. */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { AscendError } from '../../proto/errors.ts';
import {
  LinkClient,
  type AgentMessage,
  type ControllerMessage,
  type SignedOrder,
  type Welcome,
} from '../../proto/gen/ascend/v1/link.ts';
import type { Catalog } from '../state/catalog.ts';
import type { Outbox } from '../state/outbox.ts';
import { CatalogDelivery } from './catalog-delivery.ts';
import { channelOptions, credentials } from './channel.ts';
import type { Description } from './contract.ts';
import { Delivery } from './delivery.ts';
import { asLinkError } from './failure.ts';
import type { Identity } from './identity.ts';
import type { Answer } from './orders.ts';
import type { ProgressBoard } from './progress.ts';

export interface SessionParts {
  readonly outbox: Outbox;
  readonly catalog: Catalog;
  readonly progress: ProgressBoard;
  readonly receive: (order: SignedOrder) => Answer;
  readonly describe: () => Promise<Description>;
  readonly runningRuns: () => string[];
  readonly onWelcome: () => void;
  readonly onRefusedOrder: (why: AscendError) => void;
  /** Called with each heartbeat. */
  readonly onHeartbeat: () => void;
}

type Body = NonNullable<AgentMessage['body']>;

// The controller answers a Hello at once; after this long it is stuck, or is something else.
const welcomeWithinMs = 15_000;
const goodbyeWithinMs = 2000;

export class Session {
  readonly #identity: Identity;
  readonly #parts: SessionParts;
  readonly #client: LinkClient;
  readonly #call: ClientDuplexStream<AgentMessage, ControllerMessage>;
  readonly #delivery: Delivery;
  readonly #catalog: CatalogDelivery;
  readonly #whileSession = new DisposableStack();

  constructor(identity: Identity, parts: SessionParts) {
    this.#identity = identity;
    this.#parts = parts;
    this.#client = new LinkClient(identity.linkAddress, credentials(identity), channelOptions);
    this.#call = this.#client.session();
    // The loop in `run` hears of an error; one that comes before or after it must not end the process.
    this.#call.on('error', () => undefined);
    this.#delivery = new Delivery(parts.outbox, (events) =>
      this.#send({ $case: 'events', value: { events } }),
    );
    this.#catalog = new CatalogDelivery(parts.catalog, (value) =>
      this.#send({ $case: 'catalogUpdate', value }),
    );
  }

  /**
   * Resolves when the controller ends the session in order, or the signal does. The description is made before the
   * call is opened: making it takes seconds, in which nobody would listen to the call.
   * @throws link.refused, link.unreachable, ...
   */
  async run(description: Description, signal: AbortSignal): Promise<void> {
    const goodbye = (): void => this.#end();
    if (signal.aborted) goodbye();
    signal.addEventListener('abort', goodbye);
    const late = setTimeout(() => this.#call.destroy(noWelcome(this.#identity)), welcomeWithinMs);
    try {
      this.#hello(description);
      for await (const { body } of this.#call as AsyncIterable<ControllerMessage>) {
        clearTimeout(late);
        if (body) this.#handle(body);
      }
    } catch (thrown) {
      if (!signal.aborted) throw asLinkError(thrown, this.#identity.linkAddress);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', goodbye);
      this.#whileSession.dispose();
      // Closing the client leaves a call that it has open.
      this.#call.cancel();
      this.#client.close();
    }
  }

  /** Says, or says again, what this agent is and has. */
  async announce(): Promise<void> {
    this.#hello(await this.#parts.describe());
  }

  #hello(description: Description): void {
    this.#send({ $case: 'hello', value: { ...description, agentId: this.#identity.agentId } });
  }

  /** Says goodbye; what is not acknowledged is sent again in the next session. */
  #end(): void {
    this.#call.end();
    const impatient = setTimeout(() => this.#call.cancel(), goodbyeWithinMs);
    this.#whileSession.defer(() => clearTimeout(impatient));
  }

  #handle(body: NonNullable<ControllerMessage['body']>): void {
    switch (body.$case) {
      case 'welcome': {
        this.#begin(body.value);
        return;
      }
      case 'eventAck': {
        this.#delivery.acknowledged(body.value.sequence);
        return;
      }
      case 'catalogAck': {
        this.#catalog.acknowledged(body.value);
        return;
      }
      case 'order': {
        this.#answer(this.#parts.receive(body.value));
        return;
      }
    }
  }

  #begin({ heartbeatMs, lastEventSequence, catalog: held }: Welcome): void {
    const { outbox, catalog, progress, onWelcome } = this.#parts;
    const heartbeat = setInterval(() => this.#heartbeat(), heartbeatMs);
    this.#whileSession.defer(() => clearInterval(heartbeat));
    this.#whileSession.use(progress.attach((value) => this.#send({ $case: 'progress', value })));
    this.#whileSession.use(outbox.onAppend(() => this.#delivery.soon()));
    this.#whileSession.use(this.#delivery);
    this.#whileSession.use(catalog.onChange(() => this.#catalog.next()));
    this.#whileSession.use(this.#catalog);
    this.#delivery.acknowledged(lastEventSequence);
    this.#catalog.begin(held);
    onWelcome();
  }

  #heartbeat(): void {
    this.#send({ $case: 'heartbeat', value: { at: new Date(), runningRuns: this.#parts.runningRuns() } });
    // Another process of this agent may have appended, and cannot call us.
    this.#delivery.soon();
    this.#parts.onHeartbeat();
  }

  #answer(answer: Answer): void {
    if ('receipt' in answer) {
      if (answer.refused) this.#parts.onRefusedOrder(answer.refused);
      this.#send({ $case: 'receipt', value: answer.receipt });
    } else {
      void answer.check.then((value) => this.#send({ $case: 'checkResult', value }));
    }
  }

  #send(body: Body): void {
    if (this.#call.writable) this.#call.write({ body });
  }
}

function noWelcome({ linkAddress }: Identity): AscendError {
  return new AscendError('link.unreachable', `What answers at ${linkAddress} does not welcome the agent.`, {
    context: { address: linkAddress },
    hint: 'See whether the controller is overloaded, or another service answers at this address.',
  });
}
