/** The contract of a target: a platform Ascend restores to. A provider is one folder and one line in index.ts. */
import type { z } from 'zod';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { DeployedMachine } from '../../proto/gen/ascend/v1/run.ts';
import type { PreparedDisk } from '../disks/prepared.ts';
import type { Exec } from '../exec.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { GuestRequirements } from '../guests/requirements.ts';
import type { TwinHardware } from '../rehearsal/hardware.ts';
import type { Json } from '../state/json.ts';

/** What a restore wants of a target, decided before anything is touched. */
export interface Placement {
  runId: string;
  /** Name of the restored machine. */
  name: string;
  machine: Machine;
  /** Source network -> network of the target. */
  networks: Readonly<Record<string, string>>;
  start: boolean;
  /** What the copy will write, so that the target can tell whether it has room. */
  copyBytes: bigint;
}

export interface TargetContext {
  exec: Exec;
  acceleration: ProbeAcceleration;
  signal: AbortSignal;
}

export interface WriteContext extends TargetContext {
  /** Hears how much of the disk's allocated bytes has been moved. */
  onProgress: (activity: string, doneBytes: bigint) => void;
}

/** A platform that a guest can be made ready for, whether or not this release deploys to it. Pure. */
export interface Destination<O = unknown> {
  readonly kind: string;
  /** For people, e.g. "KVM (libvirt)". */
  readonly title: string;
  readonly options: z.ZodType<O>;
  requirements(machine: Machine, options: O): GuestRequirements;
  /** What a rehearsal must emulate. */
  hardware(machine: Machine, options: O): TwinHardware;
}

export interface Target<O = unknown> extends Destination<O> {
  /** Options that a single restore may override; the others belong to whoever set the target up. */
  readonly perRestore: readonly string[];
  /** Format of the disks that `convert` leaves as files. */
  readonly fileFormat: 'qcow2' | 'raw';
  /** Read-only. @throws target.unreachable */
  networks(options: O, context: TargetContext): Promise<string[]>;
  /** Read-only, against the live target. A target that cannot be reached is a finding too. */
  check(placement: Placement, options: O, context: TargetContext): Promise<Finding[]>;
  /** The platform's own description of the machine, for `convert`: no live target is needed. */
  render(
    placement: Placement,
    disks: readonly PreparedDisk[],
    options: O,
    context: TargetContext,
  ): Promise<TextFile[]>;
  /** Decides every name it will use; touches nothing yet. */
  begin(placement: Placement, options: O): TargetSession;
  /** The session of a run that was interrupted, from the state that it had journaled. */
  recover(state: Json, placement: Placement, options: O): TargetSession;
  /** Removes everything that a session made, and nothing else. Nothing made: nothing done. */
  undo(state: Json, options: O, context: TargetContext): Promise<void>;
}

export interface TextFile {
  name: string;
  text: string;
}

/** Every call can be repeated after an interruption: it finds what is there and goes on. */
export interface TargetSession {
  /** Names of everything the session makes; opaque to others; journaled before the first effect. */
  readonly state: Json;
  /** @throws target.no-space, target.unreachable, target.verify-failed, target.rejected */
  writeDisk(disk: PreparedDisk, context: WriteContext): Promise<DiskProof>;
  /** Defines the machine over its disks and starts it where the placement says so. */
  finish(context: TargetContext): Promise<DeployedMachine>;
  /** Where the target lets the running machine be watched. */
  readonly watch?: MachineWatch;
}

/** What a target shows of a running machine, without help from within it. */
export interface MachineWatch {
  /** What the serial console has printed since the start. */
  consoleText(): Promise<string>;
  /** Whether the guest agent answers; undefined where there is no channel to it. */
  agentAnswers(context: TargetContext): Promise<boolean | undefined>;
  running(context: TargetContext): Promise<boolean>;
}

export interface DiskProof {
  /** In the target's words, e.g. "pool/volume". */
  location: string;
  writtenBytes: number;
  /** How the written disk was compared with its source. */
  verified: 'read-back' | 'none';
}
