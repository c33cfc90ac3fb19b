/** The S3 client, loaded only where a bucket is opened: it is 40 MB that an agent without one does not pay for. */
import type * as clientS3 from '@aws-sdk/client-s3';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';
import type { BucketOptions } from './bucket-options.ts';

export type S3 = typeof clientS3;

const credentialsSchema = z.strictObject({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

// Four tries at a request, with the SDK's backoff, ride out a restart of a gateway; more would hide an outage.
const MAX_ATTEMPTS = 4;
const CONNECT_MS = 5000;
// The longest silence, before an answer and within it.
const SILENCE_MS = 20_000;
// Disks are read by a few readers with a few requests each; a bucket is shared with others.
const MAX_CONNECTIONS = 16;

/** @throws config.invalid where the credentials or the certificate cannot be read. */
export async function connectBucket(options: BucketOptions): Promise<{ s3: S3; client: clientS3.S3Client }> {
  const { endpoint, region, credentialsFile, caFile, pathStyle = endpoint !== undefined } = options;
  const connection = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  const config: clientS3.S3ClientConfig = {
    forcePathStyle: pathStyle,
    maxAttempts: MAX_ATTEMPTS,
    // Other services do not send Amazon's checksums, and a range of an object has none.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      httpAgent: connection,
      httpsAgent: { ...connection, ...(caFile !== undefined && { ca: await readCa(caFile) }) },
    },
  };
  if (endpoint !== undefined) config.endpoint = endpoint;
  // Services other than Amazon's hardly care, but the signature needs some region.
  if (region !== undefined || endpoint !== undefined) config.region = region ?? 'us-east-1';
  if (credentialsFile !== undefined) config.credentials = await readCredentials(credentialsFile);
  const s3 = await import('@aws-sdk/client-s3');
  return { s3, client: new s3.S3Client(config) };
}

async function readCa(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw invalid(file, 'cannot be read', 'Correct "caFile", or the permissions of the file.', cause);
  });
}

/** Never says what is in the file. */
async function readCredentials(file: string): Promise<z.infer<typeof credentialsSchema>> {
  const parsed = credentialsSchema.safeParse(await readPrivateJson(file));
  if (parsed.success) return parsed.data;
  const hint =
    'Write {"accessKeyId": "...", "secretAccessKey": "..."}, and "sessionToken" where there is one.';
  throw invalid(file, 'does not hold credentials', hint);
}

async function readPrivateJson(file: string): Promise<unknown> {
  let text: string;
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      throw invalid(file, 'can be read by other users of this host', `Run: chmod 600 ${file}`);
    }
    text = await handle.readFile('utf8');
  } catch (cause) {
    if (cause instanceof AscendError) throw cause;
    throw invalid(
      file,
      'cannot be read',
      'Correct "credentialsFile", or the permissions of the file.',
      cause,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

function invalid(file: string, why: string, hint: string, cause?: unknown): AscendError {
  return new AscendError('config.invalid', `${file} ${why}.`, { context: { file }, hint, cause });
}
