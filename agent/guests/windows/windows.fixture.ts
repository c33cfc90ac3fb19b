/** Hand-made guests for the tests of planners: a registry as a map, and what else was read. */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { GuestRequirements } from '../requirements.ts';
import type { Fix } from '../fix.ts';
import type { SuppliedDriver } from './drivers/supplied.ts';
import type { Installation } from './facts.ts';
import type { RegistryEdit } from './registry/edits.ts';
import type { Registry, RegistryValue } from './registry/registry.ts';

export class RegistryTree implements Registry {
  readonly #keys = new Map<string, Map<string, RegistryValue>>();

  constructor(content: Readonly<Record<string, Readonly<Record<string, RegistryValue>>>> = {}) {
    for (const [key, values] of Object.entries(content)) {
      this.#make(key);
      for (const [name, value] of Object.entries(values)) this.apply({ edit: 'set', key, name, value });
    }
  }

  hasKey(path: string): boolean {
    return path === '' || this.#find(path) !== undefined;
  }

  subkeys(path: string): string[] {
    const prefix = path === '' ? '' : `${path.toLowerCase()}\\`;
    const below = [...this.#keys.keys()].filter((key) => key.toLowerCase().startsWith(prefix));
    return [...new Set(below.map((key) => key.slice(prefix.length).split('\\')[0] ?? ''))].filter(Boolean);
  }

  valueNames(path: string): string[] {
    return [...(this.#find(path)?.keys() ?? [])];
  }

  value(path: string, name: string): RegistryValue | undefined {
    const values = this.#find(path);
    const found = [...(values ?? [])].find(([other]) => other.toLowerCase() === name.toLowerCase());
    return found?.[1];
  }

  apply(edit: RegistryEdit): void {
    if (edit.edit === 'remove-key') {
      for (const key of [...this.#keys.keys()])
        if (`${key}\\`.toLowerCase().startsWith(`${edit.key}\\`.toLowerCase())) this.#keys.delete(key);
    } else {
      const values = this.#make(edit.key);
      const known = [...values.keys()].find((name) => name.toLowerCase() === edit.name.toLowerCase());
      if (edit.edit === 'set') values.set(known ?? edit.name, edit.value);
      else if (known !== undefined) values.delete(known);
    }
  }

  #find(path: string): Map<string, RegistryValue> | undefined {
    return [...this.#keys].find(([key]) => key.toLowerCase() === path.toLowerCase())?.[1];
  }

  #make(path: string): Map<string, RegistryValue> {
    const names = path.split('\\');
    names.forEach((_, depth) => {
      const key = names.slice(0, depth + 1).join('\\');
      if (!this.#find(key)) this.#keys.set(key, new Map());
    });
    return this.#find(path) ?? new Map<string, RegistryValue>();
  }
}

export function guestOf(changes: Partial<Installation> & { system: RegistryTree }): Installation {
  const volume = { device: '/dev/sda2', disk: 0, kind: 'ntfs' as const };
  return {
    mounted: {
      volume,
      state: 'clean',
      markedForCheck: false,
      windows: '/c/Windows',
      systemHive: '/c/Windows/System32/config/SYSTEM',
      softwareHive: '/c/Windows/System32/config/SOFTWARE',
      esp: undefined,
      biosBootData: '/system/Boot/BCD',
    },
    version: { name: 'Windows Server 2022', build: 20348, server: true, arch: 'amd64' },
    controlSets: changes.system.subkeys('').filter((name) => name.startsWith('ControlSet')),
    currentControlSet: 'ControlSet001',
    software: new RegistryTree(),
    hives: 'whole',
    bootData: [],
    driversFolder: '/c/Windows/System32/drivers',
    driverFiles: new Set(),
    supplied: [],
    installers: [],
    present: new Map(),
    freeBytes: 10_000_000_000n,
    hasFallbackLoader: false,
    ...changes,
  };
}

export function wantsOf(changes: Partial<GuestRequirements>): GuestRequirements {
  return {
    firmware: Firmware.BIOS,
    storage: 'virtio-blk',
    network: 'virtio-net',
    serialConsole: undefined,
    kernelArguments: [],
    guestAgent: undefined,
    cloud: undefined,
    nics: [],
    supplies: {},
    ...changes,
  };
}

export function driverOf(name: string, pciIds: readonly string[] = []): SuppliedDriver {
  const file = (ending: string) => ({ name: `${name}.${ending}`, content: Buffer.from(`${name} ${ending}`) });
  return { name, from: `${name}/2k22/amd64`, pciIds, files: [file('inf'), file('sys'), file('cat')] };
}

export function editsOf(fixes: readonly Fix[]): RegistryEdit[] {
  return fixes.flatMap(({ changes }) =>
    changes.flatMap((change) => (change.kind === 'registry' ? change.edits : [])),
  );
}
