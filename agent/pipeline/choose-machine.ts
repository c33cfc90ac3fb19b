/** Which of the machines that a backup describes is meant: the only one, or the one that the user named. */
import { AscendError } from '../../proto/errors.ts';
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { SourcedMachine } from '../sources/source.ts';

/** A machine for a list. */
export interface Candidate {
  name: string;
  platform: string;
  sourceId: string | undefined;
  /** The file that describes it. */
  from: string;
}

export function candidateOf({ machine, from }: SourcedMachine): Candidate {
  return { name: machine.name, platform: machine.platform, sourceId: machine.sourceId, from };
}

// A list of hundreds helps nobody; --json has them all.
const LISTED = 20;

/**
 * Undefined, with a finding that lists the candidates, where the choice is open.
 * @throws not-found where none is called `vm`
 */
export function chooseMachine(
  machines: readonly SourcedMachine[],
  vm: string | undefined,
  location: string,
): { chosen: SourcedMachine | undefined; findings: Finding[] } {
  const fitting = vm === undefined ? machines : namedBy(machines, vm);
  if (fitting.length === 1) return { chosen: fitting[0], findings: [] };
  if (fitting.length === 0) throw nobody(machines, vm ?? '', location);
  const message = `${location} describes ${fitting.length} machines${vm === undefined ? '' : ` called ${vm}`}: ${listed(fitting)}.`;
  const remedy =
    vm === undefined
      ? 'Say which one with --vm NAME.'
      : 'Say which one with --vm and its identifier, or give the path of its own file.';
  return { chosen: undefined, findings: [block('machine.ambiguous', location, message, remedy)] };
}

function namedBy(machines: readonly SourcedMachine[], vm: string): SourcedMachine[] {
  const keys: ((machine: SourcedMachine) => string | undefined)[] = [
    ({ machine }) => machine.sourceId,
    ({ machine }) => machine.name,
    ({ from }) => from,
    ({ machine }) => machine.name.toLowerCase(),
  ];
  for (const [index, keyOf] of keys.entries()) {
    const wanted = index === 3 ? vm.toLowerCase() : vm;
    const fitting = machines.filter((machine) => keyOf(machine) === wanted);
    if (fitting.length > 0) return fitting;
  }
  return [];
}

function listed(machines: readonly SourcedMachine[]): string {
  const names = machines.slice(0, LISTED).map(({ machine, from }) => {
    const name = machine.name || from;
    return machine.sourceId === undefined ? name : `${name} (${machine.sourceId})`;
  });
  const more = machines.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function nobody(machines: readonly SourcedMachine[], vm: string, location: string): AscendError {
  return new AscendError('not-found', `${location} describes no machine called ${vm}.`, {
    context: { vm },
    hint: `It describes ${listed(machines)}.`,
  });
}
