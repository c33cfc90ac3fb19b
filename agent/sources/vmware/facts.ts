/** What is being learnt about one machine from one file: its facts' origins, and what a restore should know. */
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Origins } from '../origins.ts';
import type { DiskReference } from '../source.ts';

export class Facts {
  readonly file: string;
  readonly origins = new Origins();
  readonly findings: Finding[] = [];
  readonly diskReferences = new Map<string, DiskReference>();

  constructor(file: string) {
    this.file = file;
  }

  /** Hands the value on, and keeps which key of the file it came from if it says anything. */
  note<T>(fact: string, value: T, key: string): T {
    return this.origins.note(fact, value, this.file, key);
  }
}
