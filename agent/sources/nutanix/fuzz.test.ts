import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { documentOf, readAll, snakeCased, subnets, v2Vm, v3Vm, v4Vm } from './fixtures.ts';
import { nutanix } from './index.ts';

describe('whatever a file holds', () => {
  const anything = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.bigInt().map((n) => Number(n)),
    fc.double(),
    fc.string(),
    fc.constantFrom('9'.repeat(20), '\ud800', '10.0.0.1/33', '::1%eth0', '__proto__', []),
    fc.jsonValue({ maxDepth: 3 }),
  );

  /** Puts `value` at the `step`-th place of the tree, counted in the order of a walk. */
  function mutated(tree: unknown, step: number, value: unknown): unknown {
    let left = step;
    return JSON.parse(JSON.stringify(tree, (_, inner: unknown) => (left-- === 0 ? value : inner)));
  }

  it('gives machines that can be sent, and no other error', () => {
    const seeds = fc.constantFrom<unknown>(
      v2Vm,
      v3Vm,
      v4Vm,
      snakeCased(v4Vm),
      { entities: [v2Vm, v3Vm] },
      subnets.v3,
      subnets.v4,
    );
    fc.assert(
      fc.property(
        fc.array(seeds, { maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(120), anything), { maxLength: 4 }),
        (values, changes) => {
          const documents = values.map((value) =>
            documentOf(changes.reduce((tree, [step, change]) => mutated(tree, step, change), value)),
          );
          for (const { machine } of readAll(...documents.filter((one) => nutanix.recognise(one))).machines) {
            Machine.encode(machine).finish();
            expect(new Set(machine.disks.map(({ id }) => id)).size).toBe(machine.disks.length);
            expect(new Set(machine.nics.map(({ id }) => id)).size).toBe(machine.nics.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
