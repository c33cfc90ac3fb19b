/** Processors and memory of an OVF. */
import { warn } from '../../../../proto/finding.ts';
import type { Cpu } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { Facts } from '../../facts.ts';
import { RESOURCE, type Item } from './items.ts';
import { bytesIn } from './units.ts';

export function cpuOf(items: readonly Item[], facts: Facts): Cpu {
  const item = onlyItem(items, RESOURCE.processor, 'processors', facts);
  const count = item?.whole('VirtualQuantity') ?? 0;
  if (!item || count === 0) return {};
  facts.note('cpu.count', count, `${item.where}/VirtualQuantity`);
  const coresPerSocket = item.whole('CoresPerSocket') ?? item.whole('cpu_per_socket');
  if (!coresPerSocket) return { count };
  facts.note('cpu.coresPerSocket', coresPerSocket, `${item.where}/CoresPerSocket`);
  const sockets = Math.ceil(count / coresPerSocket);
  return {
    count,
    coresPerSocket,
    sockets: facts.note('cpu.sockets', sockets, `${item.where}/CoresPerSocket`),
  };
}

export function memoryOf(items: readonly Item[], facts: Facts): bigint | undefined {
  const item = onlyItem(items, RESOURCE.memory, 'memory', facts);
  const quantity = item?.get('VirtualQuantity');
  if (!item || quantity === undefined) return undefined;
  const unit = item.get('AllocationUnits');
  const bytes = unit === undefined ? undefined : bytesIn(quantity, unit);
  if (bytes === undefined) {
    const written = JSON.stringify(`${quantity} ${unit ?? '(no unit)'}`.slice(0, 255));
    const message = `${facts.file} gives the machine ${written} of memory, which is no size.`;
    facts.findings.push(
      warn('machine.value-invalid', 'memoryBytes', message, 'Correct VirtualQuantity and AllocationUnits.'),
    );
  }
  return facts.note('memoryBytes', bytes, `${item.where}/VirtualQuantity`);
}

/** A machine has one of it; where a file has more, adding them up would be a guess. */
function onlyItem(items: readonly Item[], type: string, what: string, facts: Facts): Item | undefined {
  const [first, ...others] = items.filter((item) => item.is(type));
  if (first && others.length > 0) {
    const message = `${facts.file} states the ${what} of the machine ${others.length + 1} times; the first is taken.`;
    facts.findings.push(
      warn('ovf.item-repeated', first.where, message, 'Compare it with the original machine.'),
    );
  }
  return first;
}
