/** What is being learnt about one machine: its facts' origins, names of its disks' files, what a restore should know. */
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { requireFewDevices } from './device-limit.ts';
import { machineName } from './machine-name.ts';
import { Origins } from './origins.ts';
import type { DiskReference, SourcedMachine } from './source.ts';

type Known = Pick<Facts, 'origins' | 'diskReferences' | 'findings'>;

export class Facts {
  /** The file that is read, relative to the backup's folder. */
  readonly file: string;
  readonly origins: Origins;
  readonly diskReferences: Map<string, DiskReference>;
  readonly findings: Finding[];

  constructor(file: string, known?: Known) {
    this.file = file;
    this.origins = known?.origins ?? new Origins();
    this.diskReferences = known?.diskReferences ?? new Map<string, DiskReference>();
    this.findings = known?.findings ?? [];
  }

  /** To learn more about a machine. */
  static about({ from, origins, diskReferences, findings }: SourcedMachine): Facts {
    return new Facts(from, { origins, diskReferences: new Map(diskReferences), findings });
  }

  /** The same machine, as another file describes it. */
  in(file: string): Facts {
    return new Facts(file, this);
  }

  /**
   * The machine with all that was learnt.
   * @throws source.invalid where it has more disks or NICs than any platform allows.
   */
  of(machine: Machine): SourcedMachine {
    const { file, origins, diskReferences, findings } = this;
    requireFewDevices(machine.disks, machine.name, file);
    requireFewDevices(machine.nics, machine.name, file);
    return { machine, from: file, origins, diskReferences, findings };
  }

  /** Hands the value on, and keeps which key of the file it came from if it says anything. */
  note<T>(fact: string, value: T, key: string): T {
    return this.origins.note(fact, value, this.file, key);
  }

  /** The machine's name, "" where the file gives none. */
  name(name: string | undefined, key: string): string {
    return this.note('name', machineName(name, this.file, this.findings) || undefined, key) ?? '';
  }

  /** Adds what else the file of a disk may be called; what was known before stays more telling. */
  refer(disk: string, ...names: (string | undefined)[]): void {
    const known = this.diskReferences.get(disk)?.names ?? [];
    const telling = names.filter((name): name is string => name !== undefined && name !== '');
    this.diskReferences.set(disk, { names: [...new Set([...known, ...telling])] });
  }
}
