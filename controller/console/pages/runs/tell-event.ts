import type { RunEvent } from '../../data/use-run-events.ts';
import { bytes } from '../../format/bytes.ts';
import { duration } from '../../format/duration.ts';
import type { Tone } from '../../parts/tone.ts';

export interface Told {
  readonly tone: Tone;
  readonly text: string;
  readonly note?: string;
}

/** An event in a sentence. */
export function tellEvent(event: RunEvent): Told {
  switch (event.kind) {
    case 'started':
      return {
        tone: 'busy',
        text: 'The agent began the run',
        note: `Agent version ${event.detail.agentVersion}`,
      };
    case 'stepStarted':
      return { tone: 'busy', text: `Step "${event.detail.step}" began` };
    case 'stepFinished':
      return {
        tone: 'ok',
        text: `Step "${event.detail.step}" done`,
        note: `in ${duration(event.detail.durationMs)}`,
      };
    case 'finding':
      return {
        tone: findingTones[event.detail.severity],
        text: event.detail.message,
        note: event.detail.remedy,
      };
    case 'fixApplied':
      return { tone: 'ok', text: `Fixed: ${event.detail.summary}`, note: event.detail.files.join(', ') };
    case 'healthCheckPassed':
      return { tone: 'ok', text: `Health check passed: ${event.detail.check}`, note: event.detail.observed };
    case 'rehearsalFinished':
      return {
        tone: verdictTones[event.detail.verdict],
        text: `Rehearsal ${event.detail.verdict}: ${event.detail.message}`,
        note: event.detail.statement,
      };
    case 'resumed':
      return { tone: 'warn', text: `The agent came back and took up step "${event.detail.step}"` };
    case 'machineRead':
      return { tone: 'ok', text: 'The machine was read from the backup', note: event.detail.machine?.name };
    case 'diskWritten':
      return {
        tone: 'ok',
        text: `Disk ${event.detail.diskId} written: ${bytes(event.detail.writtenBytes)}`,
        note: event.detail.location,
      };
    case 'finished':
      return {
        tone: outcomeTones[event.detail.outcome],
        text: `The run ${outcomeWords[event.detail.outcome]} after ${duration(event.detail.durationMs)}`,
        note: event.detail.error?.message,
      };
    case 'unknown':
      return { tone: 'idle', text: 'An event of a kind that this controller does not know' };
  }
}

const findingTones = { block: 'bad', warn: 'warn', info: 'busy' } as const;
export const verdictTones = { passed: 'ok', failed: 'bad', unproven: 'warn' } as const;
const outcomeTones = { succeeded: 'ok', failed: 'bad', blocked: 'warn', cancelled: 'idle' } as const;
const outcomeWords = {
  succeeded: 'succeeded',
  failed: 'failed',
  blocked: 'was blocked',
  cancelled: 'was cancelled',
};
