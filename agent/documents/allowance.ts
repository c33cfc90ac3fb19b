/** What the documents of one backup may hold in memory together, however many files they are cut into. */
import { AscendError } from '../../proto/errors.ts';

// Nine files of 59,000 elements took the process to 722 MB, six of 200,000 values to 1,095 MB.
const MAX_UNITS = 300_000;

export class Allowance {
  #left = MAX_UNITS;

  /**
   * Takes away what a file holds. A value of JSON is a unit, an element of XML three.
   * @throws source.invalid where there is not as much left.
   */
  take(units: number, file: string): void {
    if (units > this.#left) {
      const message = `${file} was not read: with it, the metadata holds more than one backup has.`;
      const hint = 'Give the folder of one backup, or one metadata file.';
      throw new AscendError('source.invalid', message, { context: { file }, hint });
    }
    this.#left -= units;
  }
}
