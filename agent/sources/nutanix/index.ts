/** Source Nutanix AHV: what the APIs v2, v3 and v4 give as JSON. What was proven, and against what: README.md. */
import type { JsonNode } from '../../documents/json.ts';
import { describedTwice } from '../contradictions.ts';
import { firstMachines } from '../machine-limit.ts';
import type { Source, SourcedMachine } from '../source.ts';
import { readCategories } from './categories.ts';
import type { Description } from './description.ts';
import { machineOf } from './machine.ts';
import { readNetworks } from './networks.ts';
import { shapeOf, type Kind } from './shape.ts';
import { describeSummary } from './summary.ts';
import { describeV2 } from './v2.ts';
import { describeV3 } from './v3.ts';
import { describeV4 } from './v4.ts';

// The best first: it is kept where two files describe one VM.
const READERS: readonly { kind: Kind; describe: (vm: JsonNode, file: string) => Description }[] = [
  { kind: 'vm-v4', describe: describeV4 },
  { kind: 'vm-v3', describe: describeV3 },
  { kind: 'vm-v2', describe: describeV2 },
  { kind: 'vm-summary', describe: describeSummary },
];

export const nutanix: Source = {
  kind: 'nutanix',
  title: 'Nutanix AHV',
  recognise(document) {
    const shape = shapeOf(document);
    return shape && { what: shape.what, role: shape.role };
  },
  read({ documents }) {
    const things = documents.flatMap((document) => {
      const shape = shapeOf(document);
      return shape ? shape.items.map((node) => ({ kind: shape.kind, node, file: document.path })) : [];
    });
    const ofKind = (wanted: Kind) => things.filter(({ kind }) => kind === wanted);
    const networks = readNetworks(ofKind('subnet'));
    const categories = readCategories(ofKind('category'));
    const described = READERS.flatMap(({ kind, describe }) =>
      ofKind(kind).map((thing) => ({ ...thing, describe })),
    );
    const { kept, findings } = firstMachines(described, described[0]?.file ?? '');
    const machines = kept.map(({ describe, node, file }) =>
      machineOf(describe(node, file), networks, categories),
    );
    return { machines: withoutTwins(machines), findings };
  },
};

/** Files of one folder that describe the same VM: the first is kept. Within one file the same identifier is another VM. */
function withoutTwins(machines: readonly SourcedMachine[]): SourcedMachine[] {
  const kept = new Map<string, SourcedMachine>();
  const distinct: SourcedMachine[] = [];
  for (const found of machines) {
    const { sourceId, name } = found.machine;
    const key = JSON.stringify([sourceId, name]);
    const twin = sourceId === undefined ? undefined : kept.get(key);
    if (twin && twin.from !== found.from) {
      twin.findings.push(...describedTwice(twin, found));
      continue;
    }
    if (!twin) kept.set(key, found);
    distinct.push(found);
  }
  return distinct;
}
