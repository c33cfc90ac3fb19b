/** The virtual devices of a configuration, by what they are. */
import { smallNumber, type VimNode } from './node.ts';

export interface Controller {
  kind: string;
  model: string | undefined;
  bus: number;
}

const CONTROLLERS: ReadonlyMap<string, [kind: string, model?: string]> = new Map([
  ['VirtualIDEController', ['ide']],
  ['ParaVirtualSCSIController', ['scsi', 'pvscsi']],
  ['VirtualLsiLogicController', ['scsi', 'lsilogic']],
  ['VirtualLsiLogicSASController', ['scsi', 'lsisas1068']],
  ['VirtualBusLogicController', ['scsi', 'buslogic']],
  ['VirtualSCSIController', ['scsi']],
  ['VirtualAHCIController', ['sata', 'ahci']],
  ['VirtualSATAController', ['sata']],
  ['VirtualNVMEController', ['nvme']],
]);

// Without a type, vSphere's keys tell: a controller's key is the first of its kind plus its bus.
const FIRST_KEYS: readonly [first: number, kind: string][] = [
  [200, 'ide'],
  [1000, 'scsi'],
  [15000, 'sata'],
  [31000, 'nvme'],
];

const NICS: ReadonlyMap<string, string | undefined> = new Map([
  ['VirtualVmxnet3', 'vmxnet3'],
  ['VirtualVmxnet3Vrdma', 'vmxnet3'],
  ['VirtualVmxnet2', 'vmxnet2'],
  ['VirtualVmxnet', 'vmxnet'],
  ['VirtualE1000e', 'e1000e'],
  ['VirtualE1000', 'e1000'],
  ['VirtualPCNet32', 'pcnet32'],
  ['VirtualSriovEthernetCard', 'sriov'],
  ['VirtualEthernetCard', undefined],
]);

export class Devices {
  readonly #devices: readonly VimNode[];

  constructor(config: VimNode) {
    this.#devices = config.get('hardware').list('device');
  }

  get disks(): VimNode[] {
    return this.#devices.filter((device) =>
      device.type === undefined ? device.get('capacityInKB').exists : device.type === 'VirtualDisk',
    );
  }

  get nics(): VimNode[] {
    return this.#devices.filter((device) =>
      device.type === undefined ? device.get('macAddress').exists : NICS.has(device.type),
    );
  }

  get hasTpm(): boolean {
    return this.#devices.some(({ type }) => type === 'VirtualTPM');
  }

  /** By key. */
  get controllers(): Map<number, Controller> {
    const controllers = new Map<number, Controller>();
    for (const device of this.#devices) {
      const key = smallNumber(device.get('key'));
      const controller = key === undefined ? undefined : controllerOf(device, key);
      if (key !== undefined && controller) controllers.set(key, controller);
    }
    return controllers;
  }
}

function controllerOf(device: VimNode, key: number): Controller | undefined {
  const [kind, model] =
    device.type === undefined ? kindByKey(device, key) : (CONTROLLERS.get(device.type) ?? []);
  return kind === undefined ? undefined : { kind, model, bus: smallNumber(device.get('busNumber')) ?? 0 };
}

function kindByKey(device: VimNode, key: number): [kind?: string, model?: string] {
  const first = FIRST_KEYS.find(([from]) => key >= from && key < from + 10);
  return first && device.get('busNumber').exists ? [first[1]] : [];
}

export function nicModel({ type }: VimNode): string | undefined {
  return NICS.get(type ?? '');
}
