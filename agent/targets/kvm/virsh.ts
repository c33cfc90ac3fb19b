/** libvirt through virsh: the calls that the target needs, each with libvirt's refusals told apart. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';
import type { Exec } from '../../exec.ts';

export interface Pool {
  name: string;
  active: boolean;
  availableBytes: bigint;
}

export interface Libvirt {
  version(): Promise<string>;
  networks(): Promise<string[]>;
  pools(): Promise<string[]>;
  /** @throws not-found */
  pool(name: string): Promise<Pool>;
  /** UUID of the domain of that name, or undefined. */
  domainUuid(name: string): Promise<string | undefined>;
  /** "running", "shut off", ...; undefined where there is no such domain. */
  domainState(uuid: string): Promise<string | undefined>;
  define(xml: string): Promise<void>;
  start(uuid: string): Promise<void>;
  /** Stops and forgets the domain; nothing where there is none. */
  removeDomain(uuid: string): Promise<void>;
  agentPing(uuid: string): Promise<boolean>;
  createVolume(pool: string, name: string, sizeBytes: bigint): Promise<void>;
  /** Nothing where there is none. */
  removeVolume(pool: string, name: string): Promise<void>;
  volumePath(pool: string, name: string): Promise<string | undefined>;
}

export function connectLibvirt(uri: string, exec: Exec, signal: AbortSignal): Libvirt {
  // 180 s: libvirt answers in milliseconds, but where its own user may not open /dev/kvm it probes QEMU anew for every
  // definition, which took 48 s; a start waits for QEMU's monitor, which is slow on a loaded host.
  const virsh = async (args: readonly string[]) => {
    const options = { signal, timeoutMs: 180_000 };
    return (
      await exec('virsh', ['--quiet', '-c', uri, ...args], options).catch(translate(uri))
    ).stdout.trim();
  };
  const orAbsent = async (args: readonly string[]) =>
    virsh(args).catch((error: unknown) => {
      if (error instanceof AscendError && error.code === 'not-found') return undefined;
      throw error;
    });
  const names = async (args: readonly string[]) =>
    (await virsh(args))
      .split('\n')
      .map((name) => name.trim())
      .filter(Boolean);

  return {
    version: async () => /Running hypervisor: (.*)/.exec(await virsh(['version']))?.[1] ?? 'unknown',
    networks: () => names(['net-list', '--name']),
    pools: () => names(['pool-list', '--all', '--name']),
    async pool(name) {
      const text = await virsh(['pool-info', '--bytes', '--', name]);
      return {
        name,
        active: /^State:\s+running$/m.test(text),
        availableBytes: BigInt(/^Available:\s+(\d+)$/m.exec(text)?.[1] ?? 0),
      };
    },
    domainUuid: (name) => orAbsent(['domuuid', '--', name]),
    domainState: (uuid) => orAbsent(['domstate', uuid]),
    define: async (xml) => {
      // By file: Node hands a child its input over a socket, which cannot be opened as /dev/stdin.
      await using folder = await mkdtempDisposable(path.join(tmpdir(), 'ascend-domain-'));
      const file = path.join(folder.path, 'domain.xml');
      await writeFile(file, xml);
      await virsh(['define', '--validate', file]);
    },
    start: async (uuid) => {
      await virsh(['start', uuid]);
    },
    async removeDomain(uuid) {
      const state = await orAbsent(['domstate', uuid]);
      if (state === undefined) return;
      if (state !== 'shut off') {
        await orAbsent(['destroy', uuid]).catch((error: unknown) => {
          // It stopped by itself in between.
          if (!(error instanceof AscendError && error.message.includes('domain is not running'))) throw error;
        });
      }
      await orAbsent(['undefine', '--nvram', '--managed-save', uuid]);
    },
    agentPing: (uuid) =>
      virsh(['qemu-agent-command', '--timeout', '5', uuid, '{"execute":"guest-ping"}']).then(
        () => true,
        () => false,
      ),
    createVolume: async (pool, name, sizeBytes) => {
      await virsh(['vol-create-as', pool, name, `${sizeBytes}B`, '--format', 'qcow2']);
    },
    removeVolume: async (pool, name) => {
      await orAbsent(['vol-delete', '--pool', pool, '--', name]);
    },
    volumePath: (pool, name) => orAbsent(['vol-path', '--pool', pool, '--', name]),
  };
}

/** virsh has one exit code for everything: what went wrong is in its English message (we run it in the C locale). */
function translate(uri: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AscendError) || error.code !== 'host.command-failed') throw error;
    const said = error.message
      .replace(/^virsh[^:]*: /, '')
      .replace(/^error: /gm, '')
      .trim();
    const raise = (code: AscendError['code'], message: string, hint: string) => {
      throw new AscendError(code, message, { context: { uri }, hint, cause: error });
    };
    if (
      /did not end in time|failed to connect|Cannot recv data|Connection refused|client socket is closed|End of file while reading/i.test(
        said,
      )
    ) {
      raise(
        'target.unreachable',
        `libvirt does not answer at ${uri}: ${said}`,
        'Start it: systemctl start libvirtd',
      );
    }
    if (/No space left on device|not enough free space/i.test(said)) {
      raise(
        'target.no-space',
        `The storage pool is full: ${said}`,
        'Free space in the pool, or choose another pool.',
      );
    }
    if (/already exists with uuid|domain '.*' already exists/i.test(said)) {
      raise(
        'target.name-taken',
        said,
        'Restore under another name with --name, or rename the machine that has it.',
      );
    }
    if (/not found|failed to get (domain|pool|vol|network)|no domain with matching/i.test(said)) {
      raise(
        'not-found',
        said,
        'Look at what there is: virsh list --all, virsh pool-list --all, virsh net-list --all',
      );
    }
    return raise(
      'target.rejected',
      `libvirt refused: ${said}`,
      'Look at the log of libvirt and of QEMU in /var/log/libvirt/qemu.',
    );
  };
}
