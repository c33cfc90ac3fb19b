/**
 * Marvin32 of the entries of a registry log. Source: "Windows registry file format specification", "Log entries" (which
 * gives the seed); the algorithm as in .NET's System.Marvin.
 */

const SEED_LOW = 0x7a4e55c5;
const SEED_HIGH = 0x82ef4d88;

export function marvin32(bytes: Buffer): bigint {
  let low = SEED_LOW;
  let high = SEED_HIGH;
  const mix = (word: number) => {
    low = (low + word) | 0;
    high ^= low;
    low = (rotate(low, 20) + high) | 0;
    high = rotate(high, 9) ^ low;
    low = (rotate(low, 27) + high) | 0;
    high = rotate(high, 19);
  };
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) mix(bytes.readInt32LE(at));
  // The last bytes, and a bit behind them.
  let last = 0x80;
  for (let at = bytes.length - 1; at >= whole; at--) last = (last << 8) | bytes.readUInt8(at);
  mix(last);
  mix(0);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
