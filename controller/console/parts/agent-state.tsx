import type { AgentState } from '../data/use-agents.ts';
import { StateBadge } from './state-badge.tsx';
import type { Tone } from './tone.ts';

const shown: Record<AgentState, { tone: Tone; word: string }> = {
  online: { tone: 'ok', word: 'In contact' },
  offline: { tone: 'warn', word: 'Out of contact' },
  revoked: { tone: 'idle', word: 'Revoked' },
};

export function AgentStateBadge({ state }: { readonly state: AgentState }) {
  const { tone, word } = shown[state];
  return <StateBadge tone={tone}>{word}</StateBadge>;
}
