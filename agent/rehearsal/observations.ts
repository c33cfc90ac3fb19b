/** What was seen of a twin so far, without help from within it: plain data, from which the verdict is drawn. */
import type { ScreenLook } from './screen/look.ts';

export interface Observations {
  /** Everything on the serial console, its control sequences taken out. */
  serial: string;
  /** Words on the screen now; a character that could not be read is U+FFFD. Undefined: none could be read. */
  screen: string | undefined;
  look: ScreenLook | undefined;
  /** Seconds for which the screen has looked the same kind. */
  lookSeconds: number;
  /** Seconds for which neither console has shown anything new. */
  quietSeconds: number;
  /** How often the guest has restarted itself. */
  resets: number;
  /** The guest has switched itself off. */
  off: boolean;
  /** QEMU's disk of this host failed or is full: nothing that the guest can be blamed for. */
  hostFault: string | undefined;
  network: NetworkObservations;
}

export interface NetworkObservations {
  /** By NIC, in the machine's order: frames that the guest has sent. */
  frames: readonly number[];
  /** Addresses that the guest has claimed or used as its own. */
  seen: readonly string[];
  /** Addresses that the guest was leased by the twin's DHCP. */
  leased: readonly string[];
  /** Addresses that answer an ARP request: the guest has configured them. */
  answering: readonly string[];
  /** Addresses that answer a ping. */
  pinged: readonly string[];
  /** "address:port" that accept a connection. */
  accepting: readonly string[];
}

export const NOTHING_SEEN: Observations = {
  serial: '',
  screen: undefined,
  look: undefined,
  lookSeconds: 0,
  quietSeconds: 0,
  resets: 0,
  off: false,
  hostFault: undefined,
  network: { frames: [], seen: [], leased: [], answering: [], pinged: [], accepting: [] },
};
