/** Source AWS EC2: what DescribeInstances and its like answer. What was proven, and against what: README.md. */
import { describedTwice } from '../contradictions.ts';
import { firstMachines } from '../machine-limit.ts';
import type { Source, SourcedMachine } from '../source.ts';
import type { Answer } from './answer.ts';
import { contentsOf } from './documents.ts';
import { Inventory } from './inventory.ts';
import { machineOf } from './machine.ts';

export const ec2: Source = {
  kind: 'ec2',
  title: 'AWS EC2',
  recognise(document) {
    const contents = contentsOf(document);
    return contents && { what: contents.what, role: contents.role };
  },
  read({ documents }) {
    const inventory = new Inventory(documents);
    const { kept, findings } = firstMachines([...inventory.instances], documents[0]?.path ?? '');
    return {
      machines: kept.flatMap(([id, answers]) => firstOf(id, answers, inventory) ?? []),
      findings,
    };
  },
};

/** The first description counts; one of another file tells the most of what has changed. */
function firstOf(
  id: string,
  [answer, ...more]: readonly Answer[],
  inventory: Inventory,
): SourcedMachine | undefined {
  if (!answer) return undefined;
  const taken = machineOf(id, answer, inventory);
  const other = more.find(({ file }) => file !== answer.file) ?? more[0];
  if (!other) return taken;
  const twice = describedTwice(
    taken,
    machineOf(id, other, inventory),
    `the one in ${answer.file} that comes first`,
  );
  return { ...taken, findings: [...taken.findings, ...twice] };
}
