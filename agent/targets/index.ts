/** The registry of targets: a new platform is its folder and a line here. */
import { AscendError } from '../../proto/errors.ts';
import { kvm } from './kvm/index.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [kvm];

/** @throws usage.invalid with the kinds that there are. */
export function targetOfKind(kind: string): Target {
  const found = targets.find((target) => target.kind === kind);
  if (found) return found;
  const kinds = targets.map((target) => target.kind).join(', ');
  throw new AscendError('usage.invalid', `There is no target of kind ${kind}.`, { hint: `Kinds: ${kinds}.` });
}
