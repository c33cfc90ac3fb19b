/** Source AWS EC2: what DescribeInstances and its like answer. What was proven, and against what: README.md. */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { describedTwice } from '../contradictions.ts';
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
    const instances = [...inventory.instances];
    return {
      machines: instances
        .slice(0, MOST_INSTANCES)
        .flatMap(([id, answers]) => firstOf(id, answers, inventory) ?? []),
      findings: tooMany(instances.length, documents[0]?.path ?? ''),
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

// A backup is of one machine and a whole region's answer may lie beside it; a million names are neither.
const MOST_INSTANCES = 10_000;

function tooMany(count: number, file: string): Finding[] {
  if (count <= MOST_INSTANCES) return [];
  const message = `${count} instances are described; the first ${MOST_INSTANCES} are read.`;
  const remedy =
    'Keep the description of the instances that are backed up: aws ec2 describe-instances --instance-ids.';
  return [warn('metadata.too-many-machines', file, message, remedy)];
}
