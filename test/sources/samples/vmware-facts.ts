/** Short forms for the rows of VMware. */
import type { MachineJson } from '../../../proto/machine-json.ts';

export const GIB = 2 ** 30;
export const MIB = 2 ** 20;

type DiskFacts = Partial<MachineJson['disks'][number]>;

/** A disk by its address, e.g. "scsi0:1". */
export function disk(id: string, model: string | null, facts: DiskFacts = {}): DiskFacts {
  const [, kind = '', bus = '', unit = ''] = /^([a-z]+)(\d+):(\d+)$/.exec(id) ?? [];
  return { id, controller: { kind, model, bus: Number(bus), unit: Number(unit) }, ...facts };
}
