/** What the registry proves of the target's disk controller, for what cannot be started on it here. */
import type { ContentProof } from '../../proof.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { SERVICE, serviceStart } from '../control-sets.ts';
import type { Installation } from '../facts.ts';
import { INBOX, SUPPLIED } from './boot-drivers.ts';

/** One proof for each control set that Windows may start with. */
export function proveStorage(
  guest: Installation,
  { storage }: Pick<GuestRequirements, 'storage'>,
): ContentProof[] {
  const candidates = [...(INBOX[storage]?.required ?? []), SUPPLIED[storage]?.service ?? ''].filter(Boolean);
  return guest.controlSets.map((set) => {
    const found = candidates.map((service) => ({ service, ...stateOf(guest, set, service) }));
    const good = found.find(({ holds }) => holds);
    const proof = good?.proof ?? found.map((one) => one.proof).join('; ');
    return { about: 'storage', subject: `${guest.version.name}, ${set}`, holds: good !== undefined, proof };
  });
}

function stateOf(guest: Installation, set: string, service: string): { holds: boolean; proof: string } {
  const start = serviceStart(guest.system, set, service);
  if (start === undefined) return { holds: false, proof: `${service} is not installed.` };
  const putOff = guest.system.hasKey(`${set}\\Services\\${service}\\StartOverride`);
  const file = guest.driverFiles.has(`${service.toUpperCase()}.SYS`);
  const says = [`${service}: Start=${start}`, `${service}.sys ${file ? 'is there' : 'is missing'}`];
  if (putOff) says.push('StartOverride puts it off');
  return { holds: start === SERVICE.boot && file && !putOff, proof: `${says.join(', ')}.` };
}
