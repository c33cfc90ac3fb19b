const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size in binary units, three significant figures: "1.46 GiB". */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${units[power] ?? ''}`;
}

/** The same, where an unknown size is said to be so. */
export function bytesOrUnknown(count: number | null): string {
  return count === null ? 'unknown' : bytes(count);
}
