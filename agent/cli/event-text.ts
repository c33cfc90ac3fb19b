/** An event of a run as one line for people; undefined for what the progress line has shown already. */
import type { RehearsalFinished } from '../../proto/gen/ascend/v1/run.ts';
import { findingJson } from '../../proto/machine-json.ts';
import type { EventBody } from '../state/run-log.ts';
import { bytesText } from './shell.ts';

export function eventText(body: EventBody): string | undefined {
  switch (body.$case) {
    case 'stepStarted':
      return `> ${body.value.step}`;
    case 'stepFinished':
      return `  ${body.value.step} took ${seconds(body.value.durationMs)}`;
    case 'finding': {
      const { severity, message } = findingJson(body.value);
      return `  ${severity}: ${message}`;
    }
    case 'fixApplied':
      return `  fixed: ${body.value.summary}`;
    case 'diskWritten': {
      const { diskId, location, writtenBytes, durationMs, verified } = body.value;
      const proof = verified === 'none' ? 'not read back' : 'read back and equal';
      return `  ${diskId}: ${bytesText(writtenBytes)} to ${location} in ${seconds(durationMs)}, ${proof}`;
    }
    case 'healthCheckPassed':
      return `  ${body.value.check} (${body.value.subject}): ${body.value.observed}`;
    case 'rehearsalFinished':
      return rehearsalText(body.value);
    case 'resumed':
      return `> taken up again at ${body.value.step}`;
    case 'machineRead':
      return `  ${body.value.machine?.name ?? 'machine'} from ${body.value.machine?.platform ?? 'unknown'}`;
    case 'started':
    case 'finished':
      return undefined;
  }
}

const VERDICTS = ['of unknown outcome', 'passed', 'FAILED', 'unproven'] as const;

function rehearsalText({ verdict, message, statement, evidence }: RehearsalFinished): string {
  return `  rehearsal ${VERDICTS[verdict]}: ${message}\n  booted on ${statement}\n  evidence: ${evidence}`;
}

function seconds(milliseconds: bigint): string {
  return `${(Number(milliseconds) / 1000).toFixed(1)} s`;
}
