import { isFinal, type RunState, type RunSummary } from '../data/use-runs.ts';
import { StateBadge } from './state-badge.tsx';
import type { Tone } from './tone.ts';

const shown: Record<RunState, { tone: Tone; word: string }> = {
  queued: { tone: 'idle', word: 'Waiting for its agent' },
  sent: { tone: 'idle', word: 'At its agent' },
  running: { tone: 'busy', word: 'Running' },
  succeeded: { tone: 'ok', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  blocked: { tone: 'warn', word: 'Blocked' },
  cancelled: { tone: 'idle', word: 'Cancelled' },
};

export function RunStateBadge({ run }: { readonly run: Pick<RunSummary, 'state' | 'cancelRequestedAt'> }) {
  if (run.cancelRequestedAt !== null && !isFinal(run.state)) {
    return <StateBadge tone="warn">Cancelling</StateBadge>;
  }
  const { tone, word } = shown[run.state];
  return <StateBadge tone={tone}>{word}</StateBadge>;
}
