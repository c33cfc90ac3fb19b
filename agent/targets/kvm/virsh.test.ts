import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { exec, type Exec } from '../../exec.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { connectLibvirt, type Libvirt } from './virsh.ts';

const UUID = '0b1f6d1e-59c4-4b1c-9d2e-6a8c3f0e7a10';
let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder('virsh');
});

/** A libvirt whose virsh is a script: it notes its arguments and then says what is given, as libvirt 9.0 words it. */
async function libvirtThat(script: string): Promise<Libvirt> {
  const program = path.join(folder, 'virsh');
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${folder}/calls\n${script}\n`);
  await chmod(program, 0o755);
  const ownPath: Exec = (name, args, options) =>
    exec(name, args, { ...options, env: { PATH: `${folder}:/usr/bin:/bin` } });
  return connectLibvirt('qemu:///system', ownPath, new AbortController().signal);
}

const failing = (...stderr: string[]) => libvirtThat(`cat >&2 <<'END'\n${stderr.join('\n')}\nEND\nexit 1`);

const calls = async () =>
  (await readFile(path.join(folder, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.replace('--quiet -c qemu:///system ', ''));

it.each([
  [
    'libvirt is stopped',
    'target.unreachable',
    [
      'error: failed to connect to the hypervisor',
      "error: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
    ],
  ],
  [
    'libvirt was stopped during the call',
    'target.unreachable',
    [
      'error: Disconnected from qemu:///system due to end of file',
      'error: End of file while reading data: Input/output error',
    ],
  ],
  ['the connection is reset', 'target.unreachable', ['error: Cannot recv data: Connection reset by peer']],
  ['the socket is closed', 'target.unreachable', ['error: internal error: client socket is closed']],
  [
    'the pool is full',
    'target.no-space',
    ['error: Failed to create vol a.qcow2', 'error: cannot write to file: No space left on device'],
  ],
  [
    'a domain of that name exists',
    'target.name-taken',
    [
      'error: Failed to define domain from /tmp/domain.xml',
      `error: operation failed: domain 'web01' already exists with uuid ${UUID}`,
    ],
  ],
  [
    'QEMU does not start',
    'target.rejected',
    [
      `error: Failed to start domain 'web01'`,
      'error: internal error: process exited while connecting to monitor',
    ],
  ],
  [
    'the XML does not validate',
    'target.rejected',
    [
      'error: Failed to define domain from /tmp/domain.xml',
      'error: XML document failed to validate against schema',
    ],
  ],
])('tells what it is where %s: %s', async (_what, code, stderr) => {
  const libvirt = await failing(...stderr);
  const last = stderr.at(-1)?.replace('error: ', '') ?? '';
  for (const call of [
    () => libvirt.define('<domain/>'),
    () => libvirt.start(UUID),
    () => libvirt.networks(),
  ]) {
    await expect(call()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(last) as string,
      hint: expect.stringMatching(/./) as string,
    });
  }
});

it.each<[what: string, stderr: string[], ask: (libvirt: Libvirt) => Promise<unknown>]>([
  [
    'no such domain, by name',
    ["error: failed to get domain 'web01'"],
    (libvirt) => libvirt.domainUuid('web01'),
  ],
  [
    'no such domain, by UUID',
    [
      `error: failed to get domain '${UUID}'`,
      `error: Domain not found: no domain with matching uuid '${UUID}'`,
    ],
    (libvirt) => libvirt.domainState(UUID),
  ],
  [
    'no such volume',
    [
      "error: failed to get vol 'a'",
      "error: Storage volume not found: no storage vol with matching path 'a'",
    ],
    (libvirt) => libvirt.volumePath('default', 'a'),
  ],
  [
    'no such volume to remove',
    [
      "error: failed to get vol 'a'",
      "error: Storage volume not found: no storage vol with matching path 'a'",
    ],
    (libvirt) => libvirt.removeVolume('default', 'a'),
  ],
  [
    'no such pool to remove a volume from',
    [
      "error: failed to get pool 'default'",
      "error: Storage pool not found: no storage pool with matching name 'default'",
    ],
    (libvirt) => libvirt.removeVolume('default', 'a'),
  ],
  [
    'no such domain to remove',
    [`error: failed to get domain '${UUID}'`],
    (libvirt) => libvirt.removeDomain(UUID),
  ],
])('takes %s for an answer', async (_what, stderr, ask) => {
  expect(await ask(await failing(...stderr))).toBeUndefined();
});

it('takes a stopped libvirt for no such answer', async () => {
  const libvirt = await failing('error: failed to connect to the hypervisor');
  await expect(libvirt.domainState(UUID)).rejects.toMatchObject({ code: 'target.unreachable' });
  await expect(libvirt.removeVolume('default', 'a')).rejects.toMatchObject({ code: 'target.unreachable' });
  await expect(libvirt.removeDomain(UUID)).rejects.toMatchObject({ code: 'target.unreachable' });
});

it('takes any trouble with the guest agent for no answer of it', async () => {
  const silent = await failing('error: Guest agent is not responding: QEMU guest agent is not connected');
  expect(await silent.agentPing(UUID)).toBe(false);
  expect(await (await libvirtThat(`echo '{"return":{}}'`)).agentPing(UUID)).toBe(true);
});

it('reads lists, with blank lines and names with blanks in them', async () => {
  const libvirt = await libvirtThat(`printf 'default\\nlab net\\n\\n'`);
  expect(await libvirt.networks()).toEqual(['default', 'lab net']);
  expect(await (await libvirtThat(`printf '\\n'`)).pools()).toEqual([]);
});

it('reads a pool', async () => {
  const info = (state: string) =>
    `cat <<'END'\nName:           default\nState:          ${state}\nPersistent:     yes\nAvailable:      12345678901234\nEND`;
  expect(await (await libvirtThat(info('running'))).pool('default')).toEqual({
    name: 'default',
    active: true,
    availableBytes: 12_345_678_901_234n,
  });
  expect((await (await libvirtThat(info('inactive'))).pool('default')).active).toBe(false);
  const missing = await failing("error: failed to get pool 'x'");
  await expect(missing.pool('x')).rejects.toMatchObject({ code: 'not-found' });
});

it('hands the XML over as a file, validated, and leaves no file behind', async () => {
  const libvirt = await libvirtThat(
    `for last; do :; done; cp "$last" ${folder}/xml; echo "$last" > ${folder}/file`,
  );
  await libvirt.define('<domain>é</domain>');
  expect(await readFile(path.join(folder, 'xml'), 'utf8')).toBe('<domain>é</domain>');
  expect(await calls()).toEqual([expect.stringMatching(/^define --validate \/.*\/domain\.xml$/)]);
  const file = (await readFile(path.join(folder, 'file'), 'utf8')).trim();
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

it.each([
  ['running', ['domstate', 'destroy', 'undefine']],
  ['paused', ['domstate', 'destroy', 'undefine']],
  ['shut off', ['domstate', 'undefine']],
])('removes a domain that is %s with all that libvirt keeps of it', async (state, expected) => {
  const libvirt = await libvirtThat(`case "$*" in *domstate*) echo '${state}';; esac`);
  await libvirt.removeDomain(UUID);
  const made = await calls();
  expect(made.map((call) => call.split(' ')[0])).toEqual(expected);
  expect(made.at(-1)).toBe(`undefine --nvram --managed-save ${UUID}`);
});

it('removes a domain that stops by itself in between', async () => {
  const libvirt = await libvirtThat(
    `case "$*" in
      *domstate*) echo running;;
      *destroy*) echo "error: Failed to destroy domain '${UUID}'" >&2
        echo 'error: Requested operation is not valid: domain is not running' >&2; exit 1;;
    esac`,
  );
  await libvirt.removeDomain(UUID);
  expect((await calls()).at(-1)).toContain('undefine');
});

it('makes volumes of an exact size, and passes names that look like options as names', async () => {
  const libvirt = await libvirtThat('true');
  await libvirt.createVolume('default', 'web01-disk0.qcow2', 4_294_967_296n);
  await libvirt.domainUuid('--all');
  await libvirt.removeVolume('default', '-a');
  expect(await calls()).toEqual([
    'vol-create-as default web01-disk0.qcow2 4294967296B --format qcow2',
    'domuuid -- --all',
    'vol-delete --pool default -- -a',
  ]);
});

it('says that virsh is missing, and where it comes from', async () => {
  const nowhere: Exec = (name, args, options) =>
    exec(name, args, { ...options, env: { PATH: `${folder}:/usr/sbin` } });
  const setpriv = path.join(folder, 'setpriv');
  await writeFile(setpriv, '#!/bin/sh\nexit 127\n');
  await chmod(setpriv, 0o755);
  const libvirt = connectLibvirt('qemu:///system', nowhere, new AbortController().signal);
  await expect(libvirt.version()).rejects.toMatchObject({
    code: 'host.tool-missing',
    hint: 'Install it: apt-get install libvirt-clients',
  });
});
