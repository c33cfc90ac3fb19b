import { readFile } from 'node:fs/promises';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import { hostname } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { AscendError } from '../proto/errors.ts';
import { addressOf, publicHost, usesTls, type Config } from './config.ts';
import type { ServerCertificate } from './link/authority.ts';

/** What HTTPS asks of the certificate authority. */
export interface CertificateIssuer {
  /** @param names - DNS names and IP addresses that the certificate is for. */
  issueServerCertificate(names?: readonly string[]): Promise<ServerCertificate>;
}

interface WebOptions {
  readonly config: Config;
  readonly issuer: CertificateIssuer;
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  readonly report: (error: unknown) => void;
}

export interface RunningWeb extends AsyncDisposable {
  readonly url: string;
}

const hourMs = 3_600_000;

/** Serves the API and the console. @throws config.invalid when it cannot listen, or its certificate cannot be read. */
export async function startWeb({ config, issuer, fetch, report }: WebOptions): Promise<RunningWeb> {
  const tls = usesTls(config);
  const certificate = tls ? await certificateOf(config, issuer) : undefined;
  const server = createAdaptorServer({
    fetch,
    ...(certificate
      ? { createServer: createHttps, serverOptions: { ...certificate.pem, minVersion: 'TLSv1.2' as const } }
      : { createServer: createHttp }),
  }) as HttpServer | HttpsServer;
  await listen(server, config);
  const renewal =
    certificate?.renewAt && renew(server as HttpsServer, certificate.renewAt, { config, issuer, report });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : config.listen.port;
  const host = addressOf(publicHost(config, config.listen), port);
  return {
    url: `${tls ? 'https' : 'http'}://${host}`,
    async [Symbol.asyncDispose]() {
      clearInterval(renewal);
      // Event streams never end by themselves.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Certificate {
  readonly pem: { readonly key: string; readonly cert: string };
  /** Missing where the files are somebody else's to renew. */
  readonly renewAt?: Date;
}

async function certificateOf(config: Config, issuer: CertificateIssuer): Promise<Certificate> {
  if (config.tlsCertificateFile !== undefined && config.tlsKeyFile !== undefined) {
    const cert = await readPem(config.tlsCertificateFile);
    return { pem: { cert, key: await readPem(config.tlsKeyFile) } };
  }
  const names = new Set([publicHost(config, config.listen), hostname(), 'localhost', '127.0.0.1']);
  const { key, chain, renewAt } = await issuer.issueServerCertificate([...names]);
  return { pem: { key, cert: chain }, renewAt };
}

function renew(server: HttpsServer, firstAt: Date, options: Omit<WebOptions, 'fetch'>): NodeJS.Timeout {
  let renewAt = firstAt;
  const renewIfDue = async (): Promise<void> => {
    if (Date.now() < renewAt.getTime()) return;
    const next = await certificateOf(options.config, options.issuer);
    server.setSecureContext(next.pem);
    renewAt = next.renewAt ?? renewAt;
  };
  return setInterval(() => void renewIfDue().catch(options.report), hourMs).unref();
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AscendError('config.invalid', 'The certificate or its key cannot be read.', {
      context: { file },
      cause,
    });
  }
}

function listen(server: HttpServer | HttpsServer, { listen: { host, port } }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AscendError('config.invalid', `The controller cannot listen on ${addressOf(host, port)}.`, {
          context: { address: addressOf(host, port) },
          hint: 'See whether another program uses the port ("ss -ltnp"), or configure another one.',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}
