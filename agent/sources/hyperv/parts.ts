/** Files that say more about a machine which another file describes, joined by its id, else by its name. */
import type { JsonNode } from '../../documents/json.ts';
import { addAdapter, addDrive, fill, pathKey } from './devices.ts';
import { adapterOf, parentOf, vlanFacts } from './powershell/adapter.ts';
import { biosBootOrder, firmwareBootOrder } from './powershell/boot-order.ts';
import { driveOf, vhdOf } from './powershell/drive.ts';
import { enumName, ON_OFF } from './powershell/enums.ts';
import type { PowerShellRecord } from './powershell/records.ts';
import { guidOf } from './identifiers.ts';
import { fact } from '../origins.ts';
import { factOf, type VirtualMachine } from './virtual-machine.ts';

export interface SourcedRecord extends PowerShellRecord {
  file: string;
}

export class Machines {
  readonly #all: readonly VirtualMachine[];
  readonly #byId = new Map<string, VirtualMachine>();
  readonly #byName = new Map<string, VirtualMachine[]>();

  constructor(all: readonly VirtualMachine[]) {
    this.#all = all;
    for (const vm of all) {
      if (vm.id) this.#byId.set(vm.id.value, vm);
      const name = vm.name?.value.toLowerCase();
      if (name === undefined) continue;
      const same = this.#byName.get(name);
      if (same) same.push(vm);
      else this.#byName.set(name, [vm]);
    }
  }

  /**
   * What records of cmdlets add. What belongs to a checkpoint adds nothing, nor what belongs to
   * the host: that names no VM.
   */
  add(records: readonly SourcedRecord[]): void {
    const own = records.filter(({ node }) => guidOf(node.get('VMSnapshotId').text()) === undefined);
    for (const { kind, node, file } of own) this.#addToVm(kind, node, file);
    for (const { kind, node, file } of own) if (kind === 'vlan') this.#addVlan(node, file);
    this.#addVhds(own.filter(({ kind }) => kind === 'vhd'));
  }

  #addToVm(kind: PowerShellRecord['kind'], node: JsonNode, file: string): void {
    const vm = this.#find(guidOf(node.get('VMId').text()), node.get('VMName').text());
    if (!vm) return;
    if (kind === 'drive') addDrive(vm, driveOf(node, file));
    else if (kind === 'adapter') addAdapter(vm, adapterOf(node, file));
    else if (kind === 'checkpoint') vm.hasCheckpoints ??= fact(true, file, node.where);
    else if (kind === 'firmware') addFirmware(vm, node, file);
    else if (kind === 'security')
      vm.tpm ??= factOf(node.get('TpmEnabled').flag(), node.get('TpmEnabled'), file);
    else if (kind === 'bios') {
      vm.bootOrder ??= fact(biosBootOrder(node), file, node.get('StartupOrder').where);
    }
  }

  #find(id: string | undefined, name: string | undefined): VirtualMachine | undefined {
    const vm = this.#byId.get(id ?? '');
    if (vm) return vm;
    const named = this.#byName.get(name?.toLowerCase() ?? '') ?? [];
    // A machine with another id only has the same name.
    const [only] = id === undefined ? named : named.filter((other) => !other.id);
    return named.length === 1 ? only : undefined;
  }

  #addVhds(records: readonly SourcedRecord[]): void {
    const vhds = new Map(
      records.map(({ node, file }) => [pathKey(node.get('Path').text()), vhdOf(node, file)]),
    );
    for (const drive of this.#all.flatMap(({ drives }) => drives)) {
      const vhd = drive.path && vhds.get(pathKey(drive.path.value));
      if (vhd) fill(drive, vhd);
    }
  }

  #addVlan(node: JsonNode, file: string): void {
    const { id, name, vmId, vmName } = parentOf(node);
    const adapters = this.#find(vmId, vmName)?.adapters ?? [];
    const named = adapters.filter((adapter) => adapter.name === name);
    const adapter = adapters.find((other) => id !== undefined && other.id === id) ?? named[0];
    if (!adapter || (named.length > 1 && adapter.id !== id)) return;
    const { vlan, vlanUnclear } = vlanFacts(node, file);
    adapter.vlan ??= vlan;
    adapter.vlanUnclear = vlanUnclear ?? (vlan ? undefined : adapter.vlanUnclear);
  }
}

function addFirmware(vm: VirtualMachine, node: JsonNode, file: string): void {
  const secureBoot = node.get('SecureBoot');
  const state = secureBoot.flag() ?? onOff(enumName(secureBoot, ON_OFF));
  vm.secureBoot ??= factOf(state, secureBoot, file);
  vm.bootOrder ??= fact(firmwareBootOrder(node), file, node.get('BootOrder').where);
}

function onOff(name: string | undefined): boolean | undefined {
  if (name === 'on') return true;
  return name === 'off' ? false : undefined;
}
