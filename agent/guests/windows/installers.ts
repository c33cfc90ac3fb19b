/** Installers of a hypervisor's tools among what the user supplies. */
import path from 'node:path';
import type { GuestAgent } from '../requirements.ts';
import type { TreeFile } from './drivers/tree.ts';
import type { Arch } from './version.ts';

export interface Installer {
  agent: GuestAgent;
  /** As it is called in the guest: lower case, no blanks. */
  name: string;
  content: Buffer;
}

/** As their makers call them: in virtio-win's guest-agent folder, and in VMware Tools unpacked. */
const NAMES: readonly { agent: GuestAgent; arch: Arch; name: RegExp }[] = [
  { agent: 'qemu-guest-agent', arch: 'amd64', name: /^qemu-ga-x86_64\.msi$/i },
  { agent: 'qemu-guest-agent', arch: 'x86', name: /^qemu-ga-i386\.msi$/i },
  { agent: 'vmware-tools', arch: 'amd64', name: /^vmware tools64\.msi$/i },
  { agent: 'vmware-tools', arch: 'x86', name: /^vmware tools\.msi$/i },
];

export async function findInstallers(
  tree: readonly TreeFile[],
  arch: Arch | undefined,
): Promise<Installer[]> {
  const found: Installer[] = [];
  for (const { agent, name } of NAMES.filter((known) => known.arch === arch)) {
    const file = tree.find((candidate) => name.test(path.posix.basename(candidate.path)));
    if (file === undefined) continue;
    const content = await file.read();
    found.push({ agent, name: path.posix.basename(file.path).toLowerCase().replaceAll(' ', '-'), content });
  }
  return found;
}
