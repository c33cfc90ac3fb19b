/** All entries of all files of a backup, to be asked by what joins them: the ids that EC2 gives. */
import type { Document } from '../../documents/document.ts';
import type { Answer } from './answer.ts';
import { contentsOf, type EntryKind } from './documents.ts';
import { instanceTypeOf, type InstanceType } from './instance-type.ts';
import { knownType } from './type-table.ts';

// Far more than EC2 has of anything for one instance; more snapshots of one volume say nothing new.
const MOST_JOINED = 1000;

export class Inventory {
  /** By id; several where an instance is described again. */
  readonly instances: ReadonlyMap<string, readonly Answer[]>;
  readonly #attributes: ReadonlyMap<string, Answer[]>;
  readonly #images: ReadonlyMap<string, Answer[]>;
  readonly #nics: ReadonlyMap<string, Answer[]>;
  readonly #snapshots: ReadonlyMap<string, Answer[]>;
  readonly #subnets: ReadonlyMap<string, Answer[]>;
  readonly #types: ReadonlyMap<string, Answer[]>;
  readonly #volumes: ReadonlyMap<string, Answer[]>;
  readonly #attached: ReadonlyMap<string, Answer[]>;

  constructor(documents: readonly Document[]) {
    const byKind = groups(documents.flatMap((document) => contentsOf(document)?.entries ?? []));
    const keyed = (kind: EntryKind, ...id: string[]) =>
      groups((byKind.get(kind) ?? []).map((entry) => [entry.get(...id).text() ?? '', entry]));
    this.instances = keyed('instance', 'InstanceId');
    this.#attributes = keyed('attribute', 'InstanceId');
    this.#images = keyed('image', 'ImageId');
    this.#nics = keyed('nic', 'Attachment', 'InstanceId');
    this.#snapshots = keyed('snapshot', 'VolumeId');
    this.#subnets = keyed('subnet', 'SubnetId');
    this.#types = keyed('type', 'InstanceType');
    this.#volumes = keyed('volume', 'VolumeId');
    this.#attached = groups(
      (byKind.get('volume') ?? []).flatMap((volume) =>
        volume
          .get('Attachments')
          .items()
          .map((attachment): [string, Answer] => [attachment.get('InstanceId').text() ?? '', attachment]),
      ),
    );
  }

  /** What the instance says, or else what DescribeInstanceAttribute says of it: there it is wrapped. */
  about(instance: Answer, name: string): Answer {
    const stated = instance.get(name);
    if (stated.exists) return stated;
    const elsewhere = this.#attributes.get(instance.get('InstanceId').text() ?? '') ?? [];
    const values = elsewhere.flatMap((attribute) => [attribute.get(name, 'Value'), attribute.get(name)]);
    return values.find(({ exists }) => exists) ?? stated;
  }

  image(id: string | undefined): Answer | undefined {
    return this.#images.get(id ?? '')?.[0];
  }

  /** As a file of the backup states it, else as the table that ships with the agent does. */
  type(name: string | undefined): InstanceType | undefined {
    const stated = this.#types.get(name ?? '')?.[0];
    return stated ? instanceTypeOf(stated) : knownType(name ?? '');
  }

  volume(id: string | undefined): Answer | undefined {
    return this.#volumes.get(id ?? '')?.[0];
  }

  /** Attachments, as the volumes state them. */
  attachmentsOf(instanceId: string): readonly Answer[] {
    return this.#attached.get(instanceId)?.slice(0, MOST_JOINED) ?? [];
  }

  snapshotsOf(volumeId: string | undefined): readonly Answer[] {
    return this.#snapshots.get(volumeId ?? '')?.slice(0, MOST_JOINED) ?? [];
  }

  /** As DescribeNetworkInterfaces states them. */
  nicsOf(instanceId: string): readonly Answer[] {
    return this.#nics.get(instanceId)?.slice(0, MOST_JOINED) ?? [];
  }

  subnet(id: string | undefined): Answer | undefined {
    return this.#subnets.get(id ?? '')?.[0];
  }
}

/** An entry without its id joins nothing. */
function groups<K extends string>(entries: readonly (readonly [K, Answer])[]): Map<K, Answer[]> {
  const byKey = new Map<K, Answer[]>();
  for (const [key, entry] of entries) {
    if (key === '') continue;
    const group = byKey.get(key);
    if (group) group.push(entry);
    else byKey.set(key, [entry]);
  }
  return byKey;
}
