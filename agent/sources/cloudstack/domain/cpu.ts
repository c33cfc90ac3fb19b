/** Processors of a libvirt domain. Source: libvirt's domain format, "CPU Allocation" and "CPU model and topology". */
import type { Cpu } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import { contradiction } from '../../contradictions.ts';
import type { Facts } from '../../facts.ts';
import { countOf, wholeOf } from '../../quantities.ts';

export function cpuOf(domain: XmlElement, facts: Facts): Cpu {
  const element = domain.child('vcpu');
  // Absent, it is one; `current` are those that are plugged in.
  const most = element === undefined ? 1 : countOf(wholeOf(element.text));
  const current = countOf(wholeOf(element?.attribute('current')));
  const key = current === undefined ? 'domain/vcpu' : 'domain/vcpu/@current';
  const count = facts.note('cpu.count', current ?? most, key);
  return { count, ...socketsOf(domain, most, count, facts) };
}

/** Counts all that can be plugged in; a socket's share of those that are is told where it comes out even. */
function socketsOf(
  domain: XmlElement,
  most: number | undefined,
  count: number | undefined,
  facts: Facts,
): Cpu {
  const topology = domain.child('cpu', 'topology');
  if (topology === undefined || most === undefined || count === undefined) return {};
  const part = (name: string) => countOf(wholeOf(topology.attribute(name) ?? '1')) ?? 0;
  const coresPerSocket = part('dies') * part('clusters') * part('cores') * part('threads');
  const { file } = facts;
  const spread = { file, value: part('sockets') * coresPerSocket };
  const differing = contradiction('the number of processors', { file, value: most }, spread);
  if (differing) {
    facts.findings.push(differing);
    return {};
  }
  if (count % coresPerSocket !== 0) return {};
  return {
    sockets: facts.note('cpu.sockets', count / coresPerSocket, topology.where),
    coresPerSocket: facts.note('cpu.coresPerSocket', coresPerSocket, topology.where),
  };
}
