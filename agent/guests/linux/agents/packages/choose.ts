/** Which of the supplied packages a guest takes: they are added to what it has, and replace nothing. */
import type { DpkgFacts } from './installed.ts';
import { holds, type Need, type Package, type Provision, type Relation } from './package.ts';
import { compareDebVersions } from './versions.ts';

export type Choice<P extends Package = Package> =
  | { kind: 'chosen'; packages: readonly P[] }
  /** The nearest that there is, and what it needs that neither the guest nor the folder has. */
  | { kind: 'incomplete'; nearest: P; missing: readonly string[] }
  /** None for this guest. */
  | { kind: 'none' };

export function choose<P extends Package>(
  isWanted: (candidate: P) => boolean,
  supplied: readonly P[],
  guest: DpkgFacts,
): Choice<P> {
  const fitting = supplied
    .filter(({ arch }) => arch === 'all' || arch === guest.arch)
    .sort((a, b) => compareDebVersions(b.version, a.version));
  const answers = fitting
    .filter(isWanted)
    .map((candidate) => ({ candidate, ...withNeeds(candidate, fitting, guest) }));
  // Of several releases in one folder: the latest that this guest has everything for.
  const whole = answers.find(({ missing }) => missing.length === 0);
  if (whole) return { kind: 'chosen', packages: whole.packages };
  const [nearest] = answers.sort((a, b) => a.missing.length - b.missing.length);
  if (nearest) return { kind: 'incomplete', nearest: nearest.candidate, missing: nearest.missing };
  return { kind: 'none' };
}

/** What is needed is added before what needs it is looked at again: a circle ends where it began. */
function withNeeds<P extends Package>(
  wanted: P,
  supplied: readonly P[],
  guest: DpkgFacts,
): { packages: P[]; missing: string[] } {
  const packages = [wanted];
  const missing = new Set<string>();
  for (const each of packages) {
    for (const need of each.needs) {
      if (hasInstalled(need, guest) || packages.some((chosen) => answers(chosen, need))) continue;
      const found = supplied.find((other) => answers(other, need) && !guest.installed.has(other.name));
      if (found) packages.push(found);
      else missing.add(need.text);
    }
  }
  return { packages, missing: [...missing] };
}

function hasInstalled({ anyOf }: Need, guest: DpkgFacts): boolean {
  return anyOf.some((relation) => hasPackage(relation, guest) || hasProvision(relation, guest));
}

function hasPackage(relation: Relation, { installed, arch }: DpkgFacts): boolean {
  const ofThatName = installed.get(relation.name) ?? [];
  return ofThatName.some(
    (each) => (each.arch === 'all' || each.arch === arch) && isMet(relation, each.version),
  );
}

function hasProvision(relation: Relation, { installed }: DpkgFacts): boolean {
  for (const packages of installed.values())
    for (const { provides: all } of packages)
      if (all.some((provision) => provides(provision, relation))) return true;
  return false;
}

function answers(supplied: Package, { anyOf }: Need): boolean {
  return anyOf.some(
    (relation) =>
      (relation.name === supplied.name && isMet(relation, supplied.version)) ||
      supplied.provides.some((provision) => provides(provision, relation)),
  );
}

/** A provision without a version meets no wish for one. Source: Debian policy 7.5. */
function provides({ name, version }: Provision, relation: Relation): boolean {
  if (name !== relation.name) return false;
  return relation.version === undefined || (version !== undefined && isMet(relation, version));
}

function isMet({ version }: Relation, there: string): boolean {
  return version === undefined || holds(compareDebVersions(there, version.than), version.operator);
}
