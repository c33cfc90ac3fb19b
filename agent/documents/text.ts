/** Text of a metadata file: what encoding it is in, judged by its first bytes. */

/** UTF-8, or UTF-16 by its byte order mark or by the zeros of its first characters. The mark is taken off. */
export function decodeText(content: Buffer): string {
  return new TextDecoder(encodingOf(content)).decode(content);
}

function encodingOf(content: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // "<" or "{" without a mark: XML 1.0, appendix F.1.
  if (second === 0 && first !== 0 && content.length > 1) return 'utf-16le';
  return first === 0 && second !== 0 && content.length > 1 ? 'utf-16be' : 'utf-8';
}
