import { RehearsalVerdict, type RehearsalFinished } from '../../proto/gen/ascend/v1/run.ts';
import { RehearsalSchema, type RehearsalJson } from './rehearsal.ts';

// The agent's own limit: what is larger was not sent by one of ours.
const mostScreenBytes = 200 * 1024;
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** As it is stored and shown, but for the picture, which is kept apart. */
export function rehearsalJson(finished: RehearsalFinished): RehearsalJson {
  const { cause, message, remedy, observed, statement, contents, evidence } = finished;
  return {
    verdict: verdictJson(finished.verdict),
    cause: cause || null,
    message,
    remedy: remedy || null,
    observed,
    fidelity: RehearsalSchema.shape.fidelity.safeParse(finished.fidelity).data ?? null,
    statement,
    contents: contents.map(({ about, subject, holds, proof }) => ({ about, subject, holds, proof })),
    evidence,
    durationMs: Number(finished.durationMs),
    hasScreen: screenOf(finished) !== undefined,
  };
}

/** The picture, where it is one that may be shown: a browser gets it as a PNG, whatever the agent has sent. */
export function screenOf({ screen }: RehearsalFinished): Buffer | undefined {
  const picture = Buffer.from(screen);
  const isPng = picture.subarray(0, pngSignature.length).equals(pngSignature);
  return isPng && picture.length <= mostScreenBytes ? picture : undefined;
}

// A verdict that we do not know is at least no proof.
function verdictJson(verdict: RehearsalVerdict): RehearsalJson['verdict'] {
  if (verdict === RehearsalVerdict.PASSED) return 'passed';
  return verdict === RehearsalVerdict.FAILED ? 'failed' : 'unproven';
}
