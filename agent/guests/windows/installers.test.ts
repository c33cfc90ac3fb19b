import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findInstallers, installerTree } from './installers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'installers-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('knows the installers of every target by their names, for the processor of the guest', async () => {
  const names = [
    'qemu-ga-x86_64.msi',
    'qemu-ga-i386.msi',
    'VMware-tools-12.5.0-24276846-x64.exe',
    'AmazonSSMAgentSetup.exe',
    'AmazonEC2Launch.msi',
    'WindowsAzureVmAgent.amd64_2.7.41491.1121.msi',
    'setup.exe & calc.exe',
  ];
  for (const name of names) await writeFile(path.join(folder, name), name);
  const tree = await installerTree(folder);
  const found = await findInstallers(tree, 'amd64');
  expect(found.map(({ agent, name }) => [agent, name])).toEqual([
    ['qemu-guest-agent', 'qemu-ga-x86_64.msi'],
    ['vmware-tools', 'vmware-tools-12.5.0-24276846-x64.exe'],
    ['ssm-agent', 'amazonssmagentsetup.exe'],
    ['ssm-agent', 'amazonec2launch.msi'],
    ['azure-agent', 'windowsazurevmagent.amd64_2.7.41491.1121.msi'],
  ]);
  // Of names that go into a batch file, nothing else is let through.
  for (const { name, command } of found) {
    expect(name).toMatch(/^[\w.-]+$/);
    expect(command.match(/FILE/g)).toHaveLength(1);
  }
  expect((await findInstallers(tree, 'x86')).map(({ name }) => name)).toEqual(['qemu-ga-i386.msi']);
});

test('refuses a folder without one', async () => {
  const other = await mkdtemp(path.join(tmpdir(), 'no-installers-'));
  await writeFile(path.join(other, 'readme.txt'), '');
  await expect(installerTree(other)).rejects.toMatchObject({ code: 'usage.invalid' });
  await rm(other, { recursive: true });
});
