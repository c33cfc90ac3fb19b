/** Source AWS EC2: what DescribeInstances and its like answer. What was proven, and against what: README.md. */
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
    const machines = [...inventory.instances].map(([id, answer]) => machineOf(id, answer, inventory));
    return { machines, findings: inventory.findings };
  },
};
