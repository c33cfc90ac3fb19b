/** Everything that is seen of a running twin, gathered: its consoles, its screen, its wires, its own events. */
import { ConsoleLog } from './console-log.ts';
import { Peer } from './network/peer.ts';
import { attach } from './network/wire.ts';
import type { NetworkObservations, Observations } from './observations.ts';
import type { QmpEvent } from './qemu/qmp.ts';
import type { Twin } from './qemu/start.ts';
import { ScreenSampler, type Shot } from './screen/sampler.ts';
import type { Case } from './verdict.ts';

export class TwinWatch {
  readonly #twin: Twin;
  readonly #events: readonly QmpEvent[];
  readonly #log = new ConsoleLog();
  readonly #sampler: ScreenSampler;
  readonly #peers: readonly Peer[];
  #lastWords = '';
  #lastWordsAt = Date.now();
  ended = false;

  /** `events` grows by itself. */
  constructor(
    twin: Twin,
    events: readonly QmpEvent[],
    { addresses, wishes }: Case,
    { folder, evidenceDir }: { folder: string; evidenceDir: string },
  ) {
    this.#twin = twin;
    this.#events = events;
    this.#log.listen(twin.serial);
    this.#sampler = new ScreenSampler(twin.qmp, folder, evidenceDir);
    this.#peers = twin.wires.map((socket, index) => {
      const emit = attach(socket, (frame) => peer.take(frame));
      const peer = new Peer({ expected: addresses, ports: wishes.ports, index }, emit);
      return peer;
    });
    void twin.ended.then(() => (this.ended = true));
  }

  get seen(): Observations {
    const { text, look, lookSeconds } = this.#sampler.state;
    return {
      serial: this.#log.text,
      screen: text,
      look,
      lookSeconds,
      quietSeconds: (Date.now() - this.#lastWordsAt) / 1000,
      ...eventsSeen(this.#events),
      network: networkOf(this.#peers),
    };
  }

  get shots(): readonly Shot[] {
    return this.#sampler.shots;
  }

  get serialBytes(): Buffer {
    return this.#log.bytes;
  }

  /** Looks once more. @throws what ended QEMU, unless the guest switched itself off */
  async step(): Promise<void> {
    this.#peers.forEach((peer) => peer.probe());
    await this.#unlessEnded(() => this.#sampler.sample());
    const words = `${this.#log.text}\n${this.#sampler.state.text ?? ''}`;
    if (words === this.#lastWords) return;
    this.#lastWords = words;
    this.#lastWordsAt = Date.now();
  }

  async last(): Promise<void> {
    await this.#unlessEnded(async () => {
      await this.#sampler.sample();
      await this.#sampler.shoot();
    });
  }

  async #unlessEnded(work: () => Promise<void>): Promise<void> {
    if (!this.ended) {
      try {
        await work();
        return;
      } catch (error) {
        // QEMU that ends closes its monitor first.
        const gone = await Promise.race([this.#twin.ended, soon()]);
        if (!gone) throw error;
      }
    }
    const { error } = await this.#twin.ended;
    if (error) throw error;
  }
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), 2000));
}

/** Source: QEMU QMP reference, events RESET, SHUTDOWN, BLOCK_IO_ERROR. */
export function eventsSeen(events: readonly QmpEvent[]): Pick<Observations, 'resets' | 'off' | 'hostFault'> {
  const byGuest = (wanted: string) =>
    events.filter(({ name, data }) => name === wanted && data.guest === true).length;
  const failedWrite = events.some(
    ({ name, data }) => name === 'BLOCK_IO_ERROR' && data.operation === 'write',
  );
  return {
    resets: byGuest('RESET'),
    off: byGuest('SHUTDOWN') > 0,
    hostFault: failedWrite
      ? 'What the guest wrote could not be kept on this host: its disk failed or is full.'
      : undefined,
  };
}

function networkOf(peers: readonly Peer[]): NetworkObservations {
  const all = (list: (peer: Peer) => Iterable<string>) => [
    ...new Set(peers.flatMap((peer) => [...list(peer)])),
  ];
  return {
    frames: peers.map(({ frames }) => frames),
    seen: all(({ seen }) => seen),
    leased: all(({ leased }) => leased),
    answering: all(({ answering }) => answering),
    pinged: all(({ pinged }) => pinged),
    accepting: all(({ accepting }) => accepting),
  };
}
