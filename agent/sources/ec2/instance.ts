/** An instance with what belongs to it, and what is said of it while it is read. */
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Origins } from '../origins.ts';
import type { Answer } from './answer.ts';
import type { InstanceType } from './instance-type.ts';
import type { Inventory } from './inventory.ts';

export interface Instance {
  readonly id: string;
  readonly answer: Answer;
  readonly inventory: Inventory;
  readonly image: Answer | undefined;
  readonly type: InstanceType | undefined;
  readonly origins: Origins;
  readonly findings: Finding[];
}

/** What the instance, or an attribute asked for by itself, states. */
export function stated({ answer, inventory }: Instance, name: string): Answer {
  return inventory.about(answer, name);
}

/** What the instance states, or else the image that it was made from. */
export function statedOrImage(instance: Instance, name: string): Answer {
  const own = stated(instance, name);
  return own.exists || !instance.image ? own : instance.image.get(name);
}

/** Ten times what EC2 lists of anything in an instance (volumes, interfaces, addresses, tags): no finding for each of a million. */
const MOST_LISTED = 1000;

export function listed(answer: Answer): Answer[] {
  return answer.items().slice(0, MOST_LISTED);
}
