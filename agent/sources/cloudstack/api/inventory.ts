/** Volumes and NICs of all answers, found by the machine that has them. */
import type { JsonNode } from '../../../documents/json.ts';
import { serialOf } from '../domain/disk-source.ts';
import type { Volume } from './volumes.ts';

export class Inventory {
  readonly #volumesOf: Map<string, Volume[]>;
  readonly #volumeNamed = new Map<string, Volume>();
  readonly #nicsOf: Map<string, JsonNode[]>;

  constructor(volumes: readonly Volume[], nics: readonly JsonNode[]) {
    this.#volumesOf = Map.groupBy(volumes, ownerOf);
    this.#nicsOf = Map.groupBy(nics, (nic) => nic.get('virtualmachineid').text() ?? '');
    for (const volume of volumes) {
      const id = volume.node.get('id').text() ?? '';
      for (const name of [volume.node.get('path').text(), id, serialOf(id)]) {
        if (name !== undefined && name !== '') this.#volumeNamed.set(name, volume);
      }
    }
  }

  /** By the machine's id; where volumes do not tell it, by its name. */
  volumesOf(vm: { id: string | undefined; name: string | undefined }): Volume[] {
    const byId = vm.id === undefined ? [] : (this.#volumesOf.get(`id ${vm.id}`) ?? []);
    return byId.length > 0 ? byId : (this.#volumesOf.get(`name ${vm.name ?? ''}`) ?? []);
  }

  /** By the first of these names that is a volume's path, its id, or the serial made of the id. */
  volumeNamed(names: readonly string[]): Volume | undefined {
    return names.map((name) => this.#volumeNamed.get(name)).find((volume) => volume !== undefined);
  }

  nicsOf(id: string | undefined): JsonNode[] {
    return this.#nicsOf.get(id ?? '') ?? [];
  }
}

/** "" for a volume that is attached to none, or to one without id and name. */
function ownerOf({ node }: Volume): string {
  const id = node.get('virtualmachineid').text();
  const name = node.get('vmname').text();
  if (id !== undefined) return `id ${id}`;
  return name === undefined ? '' : `name ${name}`;
}
