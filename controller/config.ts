import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { AscendError } from '../proto/errors.ts';

/** Where to listen; port 0 takes any free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const endpoint = z
  .string()
  .transform(
    (text, context) => parseEndpoint(text) ?? context.addIssue('not HOST:PORT, such as 127.0.0.1:8440'),
  )
  .pipe(z.custom<Endpoint>());

/** What a configuration file (JSON) holds; the flags of `ascend serve` have the same names and win over it. */
export const ConfigSchema = z.strictObject({
  /** Folder of the database and of the certificate authority's keys. */
  data: z.string().min(1),
  /** The REST API and the console. Plain HTTP on a loopback address, HTTPS anywhere else. */
  listen: endpoint.default({ host: '127.0.0.1', port: 8440 }),
  /** Where agents connect to. */
  link: endpoint.default({ host: '127.0.0.1', port: 8441 }),
  /** Where agents enrol. */
  enrol: endpoint.default({ host: '127.0.0.1', port: 8442 }),
  /** The name by which agents and people reach this machine; needed when listening on all addresses. */
  publicHost: z.string().min(1).optional(),
  /** PEM files for HTTPS; without them the controller's own CA makes a certificate. */
  tlsCertificateFile: z.string().optional(),
  tlsKeyFile: z.string().optional(),
});

export type Config = z.output<typeof ConfigSchema>;

/**
 * @param flags - win over the file; those that are undefined are as if not given.
 * @throws config.invalid, with what does not fit and where.
 */
export async function loadConfig(
  file: string | undefined,
  flags: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const fromFile = file === undefined ? {} : await readConfigFile(file);
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const parsed = ConfigSchema.safeParse({ ...fromFile, ...given });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, file);
  }
  const config = parsed.data;
  if ((config.tlsCertificateFile === undefined) !== (config.tlsKeyFile === undefined)) {
    throw invalid('tlsCertificateFile and tlsKeyFile belong together', file);
  }
  if (config.publicHost === undefined && isWildcard(config.link.host)) {
    throw invalid('publicHost: say by which name agents reach this machine', file);
  }
  return config;
}

/** Whether the API is served over TLS: always, except on a loopback address where no certificate is given. */
export function usesTls(config: Config): boolean {
  return config.tlsCertificateFile !== undefined || !isLoopback(config.listen.host);
}

/** The host that others are told: the public one, else where it listens. */
export function publicHost(config: Config, { host }: Endpoint): string {
  return config.publicHost ?? (isWildcard(host) ? 'localhost' : host);
}

/** "host:port", with brackets where the host is an IPv6 address. */
export function addressOf(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

async function readConfigFile(file: string): Promise<object> {
  try {
    return z.looseObject({}).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new AscendError('config.invalid', 'The configuration file cannot be read as JSON.', {
      context: { file },
      cause,
    });
  }
}

function invalid(what: string, file: string | undefined): AscendError {
  return new AscendError('config.invalid', `The configuration does not fit: ${what}.`, {
    context: { file },
    hint: 'See `ascend serve --help`.',
  });
}
