/**
 * One machine on its way into libvirt. Every name is decided before the first effect and belongs to this run alone
 * (volumes carry the run's id, the domain a UUID made for it), so undoing can never touch what is not ours.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AscendError } from '../../../proto/errors.ts';
import type { DeployedMachine } from '../../../proto/gen/ascend/v1/run.ts';
import { compareImages, copyImage, flushImage } from '../../disks/image.ts';
import type { PreparedDisk } from '../../disks/prepared.ts';
import type {
  DiskProof,
  MachineWatch,
  Placement,
  TargetContext,
  TargetSession,
  WriteContext,
} from '../target.ts';
import { domainXml } from './domain.ts';
import { targetNetworks } from './networks.ts';
import type { KvmOptions } from './options.ts';
import { connectLibvirt, type Libvirt } from './virsh.ts';

const stateSchema = z.object({
  version: z.literal(1),
  uuid: z.uuid(),
  /** In the machine's disk order. */
  volumes: z.array(z.object({ diskId: z.string(), name: z.string() })),
});

type State = z.infer<typeof stateSchema>;

export class KvmSession implements TargetSession, MachineWatch {
  readonly state: State;
  readonly watch: MachineWatch = this;
  readonly #placement: Placement;
  readonly #options: KvmOptions;

  private constructor(state: State, placement: Placement, options: KvmOptions) {
    this.state = state;
    this.#placement = placement;
    this.#options = options;
  }

  static begin(placement: Placement, options: KvmOptions): KvmSession {
    // 8 hex digits of the run's id keep two restores of the same machine apart.
    const suffix = placement.runId.replace(/-/g, '').slice(-8);
    const volumes = placement.machine.disks.map((disk, index) => ({
      diskId: disk.id,
      name: `${placement.name}-disk${index}-${suffix}.qcow2`,
    }));
    return new KvmSession({ version: 1, uuid: randomUUID(), volumes }, placement, options);
  }

  static recover(state: unknown, placement: Placement, options: KvmOptions): KvmSession {
    return new KvmSession(stateSchema.parse(state), placement, options);
  }

  async writeDisk(disk: PreparedDisk, context: WriteContext): Promise<DiskProof> {
    const { pool, verify } = this.#options;
    const name = this.#volumeName(disk.id);
    const libvirt = this.#libvirt(context);
    // Left by an interrupted write of this run: a copy is not taken up in the middle, it is made again.
    await libvirt.removeVolume(pool, name);
    await libvirt.createVolume(pool, name, disk.sizeBytes);
    const volume = await this.#volumePath(libvirt, name);
    const report = (activity: string) => (fraction: number) =>
      context.onProgress(`${activity} ${disk.id}`, scale(disk.allocatedBytes, fraction));
    const copying = { format: 'qcow2', intoExisting: true, onFraction: report('copy') } as const;
    await copyImage(disk.path, volume, copying, context);
    const verified = verify && this.#verify(disk, volume, report('verify'), context);
    await Promise.all([flushImage(volume), verified]);
    return {
      location: `${pool}/${name}`,
      writtenBytes: Number(disk.allocatedBytes),
      verified: verify ? 'read-back' : 'none',
    };
  }

  async finish(context: TargetContext): Promise<DeployedMachine> {
    const { name, start } = this.#placement;
    const { uuid } = this.state;
    const libvirt = this.#libvirt(context);
    if ((await libvirt.domainState(uuid)) === undefined)
      await libvirt.define(await this.#domain(libvirt, context));
    if (start && (await libvirt.domainState(uuid)) !== 'running') await libvirt.start(uuid);
    const running = (await libvirt.domainState(uuid)) === 'running';
    return { name, targetId: uuid, running, access: `virsh -c ${this.#options.uri} console ${name}` };
  }

  async consoleText(): Promise<string> {
    return readFile(this.#consoleLog(), 'utf8').catch(() => '');
  }

  async agentAnswers(context: TargetContext): Promise<boolean> {
    return this.#libvirt(context).agentPing(this.state.uuid);
  }

  async running(context: TargetContext): Promise<boolean> {
    return (await this.#libvirt(context).domainState(this.state.uuid)) === 'running';
  }

  async #verify(
    disk: PreparedDisk,
    volume: string,
    onFraction: (fraction: number) => void,
    context: WriteContext,
  ): Promise<void> {
    const result = await compareImages(disk.path, volume, 'qcow2', { onFraction }, context);
    if (result.same) return;
    throw new AscendError(
      'target.verify-failed',
      `${volume} does not read back as it was written: ${result.where}.`,
      {
        context: { disk: disk.id, volume },
        hint: 'Check the storage below the pool before you restore to it again.',
      },
    );
  }

  async #domain(libvirt: Libvirt, context: TargetContext): Promise<string> {
    const { name, machine } = this.#placement;
    const disks = [];
    for (const volume of this.state.volumes) {
      disks.push({ path: await this.#volumePath(libvirt, volume.name), format: 'qcow2' as const });
    }
    const { kvm } = await context.acceleration();
    const networks = targetNetworks(this.#placement, this.#options);
    return domainXml({
      uuid: this.state.uuid,
      name,
      machine,
      disks,
      networks: networks.map((network) => network ?? ''),
      hardwareAcceleration: kvm,
      consoleLog: this.#consoleLog(),
    });
  }

  async #volumePath(libvirt: Libvirt, name: string): Promise<string> {
    const found = await libvirt.volumePath(this.#options.pool, name);
    if (found !== undefined) return found;
    throw new AscendError(
      'target.rejected',
      `The volume ${name} has vanished from pool ${this.#options.pool}.`,
      {
        context: { pool: this.#options.pool, volume: name },
        hint: 'Find out what removes volumes from this pool, then restore again.',
      },
    );
  }

  #volumeName(diskId: string): string {
    const volume = this.state.volumes.find((candidate) => candidate.diskId === diskId);
    if (volume) return volume.name;
    throw new AscendError('internal', `Disk ${diskId} is not part of this session.`, {
      context: { disk: diskId },
    });
  }

  #consoleLog(): string {
    return consoleLog(this.state, this.#options);
  }

  #libvirt({ exec, signal }: TargetContext): Libvirt {
    return connectLibvirt(this.#options.uri, exec, signal);
  }
}

/** Removes what a session made, found by names that only it can have used. */
export async function undoSession(
  state: unknown,
  options: KvmOptions,
  context: TargetContext,
): Promise<void> {
  const parsed = stateSchema.parse(state);
  const libvirt = connectLibvirt(options.uri, context.exec, context.signal);
  await libvirt.removeDomain(parsed.uuid);
  for (const { name } of parsed.volumes) await libvirt.removeVolume(options.pool, name);
  await rm(consoleLog(parsed, options), { force: true });
}

/** Named by UUID: libvirt itself names its logs after the domain, and a name is reused. */
function consoleLog({ uuid }: State, { consoleLogDir }: KvmOptions): string {
  return path.join(consoleLogDir, `${uuid}-serial0.log`);
}

function scale(bytes: bigint, fraction: number): bigint {
  return BigInt(Math.round(Number(bytes) * fraction));
}
