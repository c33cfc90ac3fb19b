/** An AscendError over gRPC: the status says what gRPC knows, and the trailers carry the code and the hint. */
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { z } from 'zod';
import { AscendError, asAscendError, isErrorCode } from './errors.ts';

// "-bin": the value may hold any UTF-8, which a plain gRPC header may not.
const trailer = 'ascend-error-bin';
const wire = z.object({ code: z.string(), hint: z.string().optional() });

export interface Status {
  code: number;
  details: string;
  metadata: Metadata;
}

/** The context stays here: it may name things that are not the peer's business. So does the text of an unknown error. */
export function statusOf(thrown: unknown): Status {
  const error = asAscendError(thrown);
  const metadata = new Metadata();
  metadata.set(trailer, Buffer.from(JSON.stringify({ code: error.code, hint: error.hint })));
  const details =
    error.code === 'internal' ? 'The peer met an internal error; its log says more.' : error.message;
  return { code: error.traits.grpc, details, metadata };
}

/** @returns undefined where the status was not made by `statusOf`, but by gRPC itself or by something in between. */
export function errorOfStatus(status: ServiceError): AscendError | undefined {
  const [value] = status.metadata.get(trailer);
  if (!Buffer.isBuffer(value)) return undefined;
  const parsed = wire.safeParse(parseJson(value.toString('utf8')));
  if (!parsed.success) return undefined;
  const { code, hint } = parsed.data;
  return new AscendError(isErrorCode(code) ? code : 'internal', status.details, { hint, cause: status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
