/** Runs of equal bits: which sectors of a block a differencing disk holds itself. */

/** Sector 0 is the lowest bit of a byte in VHDX ([MS-VHDX] 2.4), the highest in VHD (specification 1.0, "Sector Bitmap"). */
export type BitOrder = 'lowest-first' | 'highest-first';

export interface Run {
  set: boolean;
  /** In bits. */
  length: number;
}

/** The bits `from` to `to` (not included) as runs in order. */
export function runsOf(bitmap: Buffer, from: number, to: number, order: BitOrder): Run[] {
  const runs: Run[] = [];
  for (let bit = from; bit < to;) {
    const byte = bitmap[bit >> 3] ?? 0;
    const step = Math.min(8 - (bit & 7), to - bit);
    // Whole bytes of equal bits are the rule.
    if (byte === 0 || byte === 0xff) add(runs, byte === 0xff, step);
    else {
      for (let at = bit; at < bit + step; at += 1) {
        const place = order === 'lowest-first' ? at & 7 : 7 - (at & 7);
        add(runs, ((byte >> place) & 1) === 1, 1);
      }
    }
    bit += step;
  }
  return runs;
}

function add(runs: Run[], set: boolean, length: number): void {
  const last = runs.at(-1);
  if (last?.set === set) last.length += length;
  else runs.push({ set, length });
}
