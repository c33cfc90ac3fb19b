/** The ways of configuring the network that are read: a new one is its file and a line here. */
import type { GuestFiles } from '../../files.ts';
import { redHat, suse } from './ifcfg.ts';
import { ifupdown } from './ifupdown.ts';
import { networkManager } from './keyfile.ts';
import { netplan } from './netplan.ts';
import { networkd } from './networkd.ts';
import type { ConfiguredNic, NetworkFile, NetworkStack } from './stack.ts';

export const networkStacks: readonly NetworkStack[] = [
  ifupdown,
  redHat,
  suse,
  networkManager,
  networkd,
  netplan,
];

export interface StackFile extends NetworkFile {
  stack: NetworkStack;
}

// A server has some ten.
const MAX_FILES = 200;

export async function readStackFiles(files: GuestFiles): Promise<StackFile[]> {
  const found: StackFile[] = [];
  for (const stack of networkStacks) {
    for (const [folder, pattern] of stack.places) {
      const names = (await files.list(folder)).filter((name) => pattern.test(name));
      for (const name of names.slice(0, MAX_FILES)) {
        const path = `${folder}/${name}`;
        const text = (await files.test('is-file', path)) ? await files.readText(path) : undefined;
        if (text !== undefined) found.push({ stack, path, text });
      }
    }
  }
  return found;
}

export interface FoundNic extends ConfiguredNic {
  file: StackFile;
}

export function configuredNics(files: readonly StackFile[]): FoundNic[] {
  return files.flatMap((file) => file.stack.nics(file).map((nic) => ({ ...nic, file })));
}
