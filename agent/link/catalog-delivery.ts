/** Takes the catalogue's changes to the controller: a batch at a time, the next one after the last is acknowledged. */
import type { CatalogPosition, CatalogUpdate } from '../../proto/gen/ascend/v1/link.ts';
import type { Catalog } from '../state/catalog.ts';

export class CatalogDelivery implements Disposable {
  readonly #catalog: Catalog;
  readonly #send: (update: CatalogUpdate) => void;
  /** Undefined before the controller has said what it holds. */
  #position: CatalogPosition | undefined;
  #isOnItsWay = false;

  constructor(catalog: Catalog, send: (update: CatalogUpdate) => void) {
    this.#catalog = catalog;
    this.#send = send;
  }

  /** @param held - what the controller has of this agent. */
  begin(held: CatalogPosition | undefined): void {
    this.#position = this.#catalog.resume(held);
    this.next();
  }

  acknowledged(position: CatalogPosition): void {
    if (!this.#isOnItsWay) return;
    this.#isOnItsWay = false;
    this.#catalog.confirm(position);
    this.next();
  }

  /** Sends what there is, unless a batch is on its way. */
  next(): void {
    if (!this.#position || this.#isOnItsWay) return;
    const update = this.#catalog.changesAfter(this.#position);
    const isNews = update.upserts.length > 0 || update.removed.length > 0;
    // The end of a lineage has to be heard, even where nothing is in it.
    const isEnd = update.position?.whole === true && !this.#position.whole;
    if (!isNews && !isEnd) return;
    this.#position = update.position;
    this.#isOnItsWay = true;
    this.#send(update);
  }

  [Symbol.dispose](): void {
    this.#position = undefined;
  }
}
