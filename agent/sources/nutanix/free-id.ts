/** Ids are unique in a machine, whatever its metadata calls things. */

/** The first of `wanted` that is not taken, else `<prefix><number>` with the next free number from `from`. */
export function freeId(
  wanted: readonly string[],
  prefix: string,
  from: number,
  taken: { has(id: string): boolean },
): string {
  const free = wanted.find((id) => !taken.has(id));
  if (free !== undefined) return free;
  let number = from;
  while (taken.has(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}
