/** The registry of targets: a new platform is its folder and a line here. */
import { AscendError } from '../../proto/errors.ts';
import { azure } from './azure/index.ts';
import { cloudstack } from './cloudstack/index.ts';
import { ec2 } from './ec2/index.ts';
import { hyperv } from './hyperv/index.ts';
import { kvm } from './kvm/index.ts';
import type { Destination, Target } from './target.ts';
import { vmware } from './vmware/index.ts';

/** Platforms that this agent deploys to. */
export const targets: readonly Target[] = [kvm];

/** Platforms that a guest can be made ready for and rehearsed on. */
export const destinations: readonly Destination[] = [kvm, vmware, cloudstack, hyperv, ec2, azure];

/** @throws usage.invalid with the kinds that there are. */
export function targetOfKind(kind: string): Target {
  return ofKind(targets, kind, 'target');
}

/** @throws usage.invalid with the kinds that there are. */
export function destinationOfKind(kind: string): Destination {
  return ofKind(destinations, kind, 'destination');
}

function ofKind<T extends Destination>(all: readonly T[], kind: string, what: string): T {
  const found = all.find((candidate) => candidate.kind === kind);
  if (found) return found;
  const kinds = all.map((candidate) => candidate.kind).join(', ');
  throw new AscendError('usage.invalid', `There is no ${what} of kind ${kind}.`, {
    hint: `Kinds: ${kinds}.`,
  });
}
