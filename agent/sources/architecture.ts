/** Names of processor architectures, spelled alike whoever wrote them: as `uname -m` prints them. */

const NAMES: ReadonlyMap<string, string> = new Map([
  ...['amd64', 'x64', 'x86-64'].map((name): [string, string] => [name, 'x86_64']),
  ...['x86', 'i386', 'i486', 'i586'].map((name): [string, string] => [name, 'i686']),
  ['arm64', 'aarch64'],
]);

/** x86_64, i686, aarch64; others as they are written (ppc64le, s390x), in lower case. */
export function architectureOf(text: string | undefined): string | undefined {
  const name = text?.trim().toLowerCase().slice(0, 64);
  return name === undefined || name === '' ? undefined : (NAMES.get(name) ?? name);
}
