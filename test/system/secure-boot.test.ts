/**
 * Secure Boot in the twin, with Microsoft's keys in OVMF: a server whose loader is signed starts, and one whose loader is
 * not is refused, which the verdict says. A long test: `make test-full`.
 */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildServer } from '../guests/debian.ts';
import { servers, type Server } from '../guests/servers.ts';

let home: AgentHome;
let folder: string;
beforeAll(async () => {
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-secure-boot-'));
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a server with a signed loader starts', async () => {
  const { document, stderr } = await rehearse(servers.db01);
  expect(document, stderr).toMatchObject({ verdict: 'passed', cause: null });
});

test('a loader that nobody signed is refused, and the verdict says so', async () => {
  const { document, stderr } = await rehearse(servers.boot01);
  expect(document, stderr).toMatchObject({ verdict: 'failed', cause: 'secure-boot' });
});

async function rehearse(server: Server) {
  const backup = await withSecureBoot(server);
  const evidence = path.join(folder, `${server.name}-evidence`);
  const asked = ['--hostname', server.name, '--timeout', '500', '--evidence', evidence];
  return home.json(['rehearse', backup, '--for', 'kvm', ...asked]);
}

/** A copy of its backup, of a machine that has it switched on. */
async function withSecureBoot(server: Server): Promise<string> {
  const { backupDir } = await buildServer(server);
  const copy = path.join(folder, server.name);
  await cp(backupDir, copy, { recursive: true });
  const vmx = path.join(copy, `${server.name}.vmx`);
  const text = `${await readFile(vmx, 'utf8')}uefi.secureBoot.enabled = "TRUE"\n`;
  await writeFile(vmx, text);
  const manifest = path.join(copy, 'backup.json');
  const backup = JSON.parse(await readFile(manifest, 'utf8')) as {
    files: { path: string; sizeBytes: number; sha256: string }[];
  };
  const sum = { sizeBytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
  const files = backup.files.map((file) => (file.path === path.basename(vmx) ? { ...file, ...sum } : file));
  await writeFile(manifest, JSON.stringify({ ...backup, files }));
  return copy;
}
