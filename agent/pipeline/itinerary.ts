/** Which steps a run takes, in order. */
import type { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';

const STEPS = ['analyse', 'validate', 'convert', 'rehearse', 'deploy'] as const;
export type Step = (typeof STEPS)[number];

/** A restore rehearses where that was asked for; a rehearsal deploys nothing. */
export function stepsOf({ options, rehearsalOnly }: RestoreOrder): readonly Step[] {
  if (rehearsalOnly) return STEPS.filter((step) => step !== 'deploy');
  return options?.rehearse ? STEPS : STEPS.filter((step) => step !== 'rehearse');
}
