/** Installers of a target's tools among what the user supplies. */
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';
import type { GuestAgent } from '../requirements.ts';
import { listTree, type TreeFile } from './drivers/tree.ts';
import type { Arch } from './version.ts';

export interface Installer {
  agent: GuestAgent;
  /** As it is called in the guest: lower case, no blanks. */
  name: string;
  /** What installs it without a question or a restart; FILE stands for its path. */
  command: string;
  content: Buffer;
}

const MSI = 'msiexec.exe /i FILE /qn /norestart';

/**
 * As their makers call them: in virtio-win's guest-agent folder; VMware Tools' image, unpacked or as a download; AWS'
 * downloads. Source of their options: VMware Docs, "Automating the Installation of VMware Tools"; AWS Systems Manager
 * User Guide, "Install SSM Agent on Windows"; EC2 User Guide, "EC2Launch v2"; Microsoft Learn, "Azure VM Agent".
 */
const NAMES: readonly { agent: GuestAgent; arch: Arch; name: RegExp; command: string }[] = [
  { agent: 'qemu-guest-agent', arch: 'amd64', name: /^qemu-ga-x86_64\.msi$/i, command: MSI },
  { agent: 'qemu-guest-agent', arch: 'x86', name: /^qemu-ga-i386\.msi$/i, command: MSI },
  { agent: 'vmware-tools', arch: 'amd64', name: /^vmware tools64\.msi$/i, command: MSI },
  { agent: 'vmware-tools', arch: 'x86', name: /^vmware tools\.msi$/i, command: MSI },
  {
    agent: 'vmware-tools',
    arch: 'amd64',
    name: /^(?:setup64|vmware-tools-[\w.-]{1,80}x(?:86_)?64)\.exe$/i,
    command: 'FILE /S /v "/qn REBOOT=R"',
  },
  { agent: 'ssm-agent', arch: 'amd64', name: /^amazonssmagentsetup\.exe$/i, command: 'FILE /S' },
  { agent: 'ssm-agent', arch: 'amd64', name: /^amazonec2launch\.msi$/i, command: MSI },
  { agent: 'azure-agent', arch: 'amd64', name: /^windowsazurevmagent[\w.-]{0,80}\.msi$/i, command: MSI },
];

/** @throws usage.invalid where nothing in it is an installer that is known */
export async function installerTree(location: string): Promise<TreeFile[]> {
  const files = await listTree(location);
  const isKnown = (file: TreeFile) =>
    /\.(?:deb|rpm)$/.test(file.path) || NAMES.some(({ name }) => name.test(path.posix.basename(file.path)));
  if (files.some(isKnown)) return files;
  throw new AscendError('usage.invalid', `${location} holds no installer of a target's tools.`, {
    context: { file: location },
    hint: 'Known are qemu-ga-*.msi, "VMware Tools64.msi", setup64.exe, AmazonSSMAgentSetup.exe, AmazonEC2Launch.msi and WindowsAzureVmAgent*.msi for Windows, .deb and .rpm for Linux.',
  });
}

/** The first of each kind: VMware Tools for one machine are installed once. */
export async function findInstallers(
  tree: readonly TreeFile[],
  arch: Arch | undefined,
): Promise<Installer[]> {
  const found: Installer[] = [];
  for (const { agent, name, command } of NAMES.filter((known) => known.arch === arch)) {
    if (agent === 'vmware-tools' && found.some((other) => other.agent === agent)) continue;
    const file = tree.find((candidate) => name.test(path.posix.basename(candidate.path)));
    if (file === undefined) continue;
    const content = await file.read();
    const inGuest = path.posix.basename(file.path).toLowerCase().replaceAll(' ', '-');
    found.push({ agent, name: inGuest, command, content });
  }
  return found;
}
