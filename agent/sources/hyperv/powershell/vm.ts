/** Objects of Get-VM. With a -Depth above 1 the disks and adapters are in them; else only the names of their classes. */
import type { JsonNode } from '../../../documents/json.ts';
import { addAdapter, addDrive } from '../devices.ts';
import { guidOf } from '../identifiers.ts';
import { factOf, type State, type VirtualMachine } from '../virtual-machine.ts';
import { adapterOf } from './adapter.ts';
import { driveOf } from './drive.ts';
import { enumName, STATES } from './enums.ts';
import { flatten } from './records.ts';

export function vmOfGetVm(record: JsonNode, file: string): VirtualMachine {
  const id = record.first('VMId', 'Id');
  const name = record.first('VMName', 'Name');
  const parent = record.first('ParentSnapshotId', 'ParentCheckpointId');
  const memory = record.first('MemoryStartup', 'MemoryStartupBytes');
  const vm: VirtualMachine = {
    from: file,
    id: factOf(guidOf(id.text()), id, file),
    name: factOf(name.text(), name, file),
    notes: factOf(record.get('Notes').text(), record.get('Notes'), file),
    generation: factOf(generationOf(record.get('Generation').whole()), record.get('Generation'), file),
    cpuCount: factOf(record.get('ProcessorCount').whole(), record.get('ProcessorCount'), file),
    memoryBytes: factOf(memory.whole(), memory, file),
    dynamicMemory: factOf(
      record.get('DynamicMemoryEnabled').flag(),
      record.get('DynamicMemoryEnabled'),
      file,
    ),
    state: factOf(stateOf(enumName(record.get('State'), STATES)), record.get('State'), file),
    hasCheckpoints: factOf(guidOf(parent.text()) === undefined ? undefined : true, parent, file),
    drives: [],
    adapters: [],
    findings: [],
  };
  for (const node of flatten(record.get('HardDrives'))) {
    if (node.has('ControllerType')) addDrive(vm, driveOf(node, file));
  }
  for (const node of flatten(record.get('NetworkAdapters'))) {
    if (node.has('MacAddress')) addAdapter(vm, adapterOf(node, file));
  }
  return vm;
}

export function generationOf(value: bigint | undefined): 1 | 2 | undefined {
  if (value === 1n) return 1;
  return value === 2n ? 2 : undefined;
}

function stateOf(name: string | undefined): State | undefined {
  if (name === 'running' || name === 'paused') return name;
  return name === 'saved' || name === 'fastsaved' ? 'saved' : undefined;
}
