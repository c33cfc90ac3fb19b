/** NICs of a machine as a guest must know them on a target that keeps their MAC addresses. */
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { NicRequirement } from '../guests/requirements.ts';

/** A NIC without a MAC address cannot be told from others in the guest. */
export function nicsOf({ nics }: Machine): NicRequirement[] {
  return nics.flatMap(({ mac, guestNames }) =>
    mac ? [{ mac, guestNames, addressing: 'keep' as const }] : [],
  );
}
