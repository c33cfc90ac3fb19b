/** Extents that follow each other as one layer: a VMDK of several files. */
import { addSpan, type Blocks, type Span } from './blocks.ts';

export function joinedBlocks(parts: readonly Blocks[]): Blocks {
  let sizeBytes = 0;
  const placed = parts.map((part) => {
    const start = sizeBytes;
    sizeBytes += part.sizeBytes;
    return { part, start, end: sizeBytes };
  });
  return {
    sizeBytes,
    async map(offset, length) {
      const spans: Span[] = [];
      const to = offset + length;
      for (const { part, start, end } of placed) {
        const [first, last] = [Math.max(offset, start), Math.min(to, end)];
        if (first >= last) continue;
        for (const span of await part.map(first - start, last - first)) addSpan(spans, span);
      }
      return spans;
    },
  };
}
