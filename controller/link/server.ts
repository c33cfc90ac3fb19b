/** The controller's two gRPC ports. */
import { Server, type sendUnaryData, type ServerUnaryCall, type ServerCredentials } from '@grpc/grpc-js';
import { asAscendError, AscendError } from '../../proto/errors.ts';
import { EnrolmentService, type EnrolmentServer } from '../../proto/gen/ascend/v1/enrolment.ts';
import { LinkService, type LinkServer } from '../../proto/gen/ascend/v1/link.ts';
import { statusOf } from '../../proto/grpc-status.ts';
import * as x509 from '../../proto/x509.ts';
import type { Authority } from './authority.ts';
import type { AgentSessions } from './contract.ts';
import { TlsCredentials } from './credentials.ts';
import { enrol } from './enrolment.ts';
import { identifyPeer } from './peer.ts';
import type { SessionParts } from './session.ts';
import { Sessions } from './sessions.ts';

export interface LinkOptions extends Omit<SessionParts, 'authority' | 'heartbeatMs'> {
  readonly authority: Authority;
  /** Where to listen; port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly linkPort: number; readonly enrolmentPort: number };
  /** "host:port" of the Link service as agents reach it; without it, the host that they enrol at. */
  readonly publicLinkAddress?: string;
  readonly heartbeatMs?: number;
}

export interface RunningLink extends AsyncDisposable {
  readonly sessions: AgentSessions;
  readonly linkPort: number;
  readonly enrolmentPort: number;
}

const defaultHeartbeatMs = 15_000;
const hourMs = 3_600_000;

const linkChannel = {
  // Agents of release 0.1 send their catalogue in one message: of some 10,000 backups it is about 20 MB.
  'grpc.max_receive_message_length': 32 << 20,
  // Notices a peer that vanished without closing its connection.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

// Anybody may call this port, so it holds on to nothing: small messages, few streams, short connections.
const enrolmentChannel = {
  'grpc.max_receive_message_length': 16 << 10,
  'grpc.max_concurrent_streams': 4,
  'grpc.max_connection_age_ms': 60_000,
  'grpc.max_connection_age_grace_ms': 10_000,
};

/** @throws config.invalid when a port cannot be listened on */
export async function startLink(options: LinkOptions): Promise<RunningLink> {
  const { authority, listen, heartbeatMs = defaultHeartbeatMs } = options;
  const sessions = new Sessions({ ...options, heartbeatMs });
  const clientCa = new x509.X509Certificate(authority.caCertificate).toString('pem');
  const certificate = await authority.issueServerCertificate();
  const mutual = new TlsCredentials({ server: certificate, clientCa });
  const plain = new TlsCredentials({ server: certificate });

  await using started = new AsyncDisposableStack();
  const link = new Server(linkChannel);
  const enrolment = new Server(enrolmentChannel);
  started.defer(() => Promise.all([stop(link), stop(enrolment)]).then(() => undefined));
  started.defer(() => sessions.close());

  link.addService(LinkService, linkService(options, sessions));
  const linkPort = await bind(link, `${listen.host}:${listen.linkPort}`, mutual);
  const linkAddress = options.publicLinkAddress ?? `:${linkPort}`;
  enrolment.addService(EnrolmentService, enrolmentService(options, linkAddress));
  const enrolmentPort = await bind(enrolment, `${listen.host}:${listen.enrolmentPort}`, plain);
  const renewal = renewAtHalfLife(authority, certificate.renewAt, [mutual, plain], options.report);
  started.defer(() => clearInterval(renewal));

  const running = started.move();
  return { sessions, linkPort, enrolmentPort, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function linkService({ authority, directory, report }: LinkOptions, sessions: Sessions): LinkServer {
  return {
    session: (call) => {
      sessions.serve(call).catch((thrown: unknown) => {
        report(asAscendError(thrown));
        call.emit('error', statusOf(thrown));
      });
    },
    renewCertificate: unary(report, async (call) => {
      const { agentId } = await identifyPeer(call, directory);
      const key = await authority.readCertificateRequest(call.request.csr);
      const { certificate, expiresAt } = await authority.issueAgentCertificate(agentId, key);
      sessions.extend(agentId, expiresAt);
      return { certificate };
    }),
  };
}

function enrolmentService(
  { authority, directory, report }: LinkOptions,
  linkAddress: string,
): EnrolmentServer {
  return { enrol: unary(report, (call) => enrol(call.request, { authority, directory, linkAddress })) };
}

function unary<Request, Response>(
  report: LinkOptions['report'],
  handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
) {
  return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
    handle(call).then(
      (response) => answer(null, response),
      (thrown: unknown) => {
        report(asAscendError(thrown));
        answer(statusOf(thrown));
      },
    );
  };
}

function renewAtHalfLife(
  authority: Authority,
  firstAt: Date,
  ports: readonly TlsCredentials[],
  report: LinkOptions['report'],
): NodeJS.Timeout {
  let renewAt = firstAt;
  const renew = async (): Promise<void> => {
    if (Date.now() < renewAt.getTime()) return;
    const certificate = await authority.issueServerCertificate();
    for (const port of ports) port.renew(certificate);
    renewAt = certificate.renewAt;
  };
  // A timer for the whole 45 days would overflow setTimeout, which holds 24.8 days.
  return setInterval(
    () => void renew().catch((thrown: unknown) => report(asAscendError(thrown))),
    hourMs,
  ).unref();
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) {
        resolve(port);
        return;
      }
      reject(
        new AscendError('config.invalid', `The controller cannot listen on ${address}: ${error.message}`, {
          context: { address },
          hint: 'See whether another program uses the port ("ss -ltnp"), or configure another one.',
          cause: error,
        }),
      );
    });
  });
}

// Time for the last statuses to reach their agents before connections are cut.
const goodbyeMs = 1000;

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, goodbyeMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
