/** The other way of firmware.test.ts, started: a server that starts by UEFI, with its root on LVM, starts by BIOS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildServer } from '../guests/debian.ts';
import { servers } from '../guests/servers.ts';

const { db01 } = servers;

test('a server that starts by UEFI starts by BIOS where that is asked for', async () => {
  const { backupDir } = await buildServer(db01);
  await using home = await AgentHome.make();
  const folder = await mkdtemp(path.join(tmpdir(), 'ascend-firmware-bios-'));
  try {
    const asked = ['--firmware', 'bios', '--hostname', db01.name, '--evidence', path.join(folder, 'bios')];
    const { document, stderr } = await home.json(['rehearse', backupDir, '--for', 'kvm', ...asked]);
    expect(document, stderr).toMatchObject({ verdict: 'passed', cause: null });
    const { fixes } = document as { fixes: { name: string }[] };
    expect(fixes.map(({ name }) => name)).toContain('linux.to-bios');
    expect(await home.leftovers()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
