/** What is learned about one machine, each fact with the place it came from. */
import { info } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { Origins } from '../origins.ts';
import type { DiskReference, SourcedMachine } from '../source.ts';

type Known = Pick<Facts, 'origins' | 'diskReferences' | 'findings'>;

export class Facts {
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

  /** The machine with all that was learned. */
  of(machine: Machine): SourcedMachine {
    const { file, origins, diskReferences, findings } = this;
    return { machine, from: file, origins, diskReferences, findings };
  }

  note<T>(fact: string, value: T, key: string): T {
    return this.origins.note(fact, value, this.file, key);
  }

  /** Adds what else the file of a disk may be called; what was known before stays more telling. */
  refer(disk: string, ...names: (string | undefined)[]): void {
    const known = this.diskReferences.get(disk)?.names ?? [];
    const telling = names.filter((name) => name !== undefined && name !== '') as string[];
    this.diskReferences.set(disk, { names: [...new Set([...known, ...telling])] });
  }

  /** The machine's name, shortened where no platform would take it. */
  name(name: string, key: string): string {
    const shown = firstCharacters(name, MAX_NAME);
    if (shown !== name) {
      const message = `The machine's name in ${this.file} is longer than ${MAX_NAME} characters; the rest was cut off.`;
      this.findings.push(
        info('machine.name-shortened', this.file, message, 'Give a name with --name when you restore it.'),
      );
    }
    return this.note('name', shown, key);
  }
}

const MAX_NAME = 255;

/** By characters, not UTF-16 units: half of a pair is no text. */
function firstCharacters(text: string, count: number): string {
  return text.length <= count
    ? text
    : Array.from(text.slice(0, count * 2))
        .slice(0, count)
        .join('');
}
