/** Source AWS EC2: what DescribeInstances and its like answer. What was proven, and against what: README.md. */
import { warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Source } from '../source.ts';
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
      machines: instances.slice(0, MOST_INSTANCES).map(([id, answer]) => machineOf(id, answer, inventory)),
      findings: [...inventory.findings, ...tooMany(instances.length, documents[0]?.path ?? '')],
    };
  },
};

// A backup is of one machine and a whole region's answer may lie beside it; a million names are neither.
const MOST_INSTANCES = 10_000;

function tooMany(count: number, file: string): Finding[] {
  if (count <= MOST_INSTANCES) return [];
  const message = `${count} instances are described; the first ${MOST_INSTANCES} are read.`;
  const remedy =
    'Keep the description of the instances that are backed up: aws ec2 describe-instances --instance-ids.';
  return [warn('source.too-many-machines', file, message, remedy)];
}
