/** What the content of a guest proves about a target's devices and firmware, where nothing is booted on them. */

export interface ContentProof {
  about: 'storage' | 'network' | 'loader';
  /** e.g. "Linux 6.1.0-25-amd64", "Windows, ControlSet001". */
  subject: string;
  /** False: the content shows that it is not so. */
  holds: boolean;
  /** What was found, where; a sentence. */
  proof: string;
}
