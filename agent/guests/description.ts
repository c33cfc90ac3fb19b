/** What was found in a guest, for people and scripts: shown before anything is done to it. */

export interface GuestDescription {
  /** e.g. "linux". */
  family: string;
  /** e.g. "Debian GNU/Linux 12 (bookworm)". */
  name: string;
  facts: readonly GuestFact[];
}

/** One thing that was looked for. */
export interface GuestFact {
  /** Stable, e.g. "bootLoader". */
  name: string;
  /** For people, e.g. "Boot loader". */
  title: string;
  /** None where there is no such thing in the guest. */
  values: readonly string[];
}
