/**
 * A libvirt of a test's own: its processes, mounts and network are in namespaces that nobody else sees, so that a
 * developer's libvirt is never touched, two suites may run at once, and a killed test leaves nothing behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { web01 } from '../guests/debian12.ts';

export const POOL = 'restored';
/** A network whose host side is the sample's gateway; `inside` reaches its machines. */
export const NETWORK = 'lan';

const PLACES = [
  'etc/libvirt',
  'var/lib/libvirt',
  'var/log/libvirt',
  'var/cache/libvirt',
  'socket',
  'pool',
  'console',
];

/** Root may do it all without polkit; QEMU runs as root, because nothing is shared that it could harm. */
const LIBVIRTD = (root: string) => `
unix_sock_dir = "${root}/socket"
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "2:file:${root}/libvirtd.log"
`;
const QEMU = `
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
stdio_handler = "file"
`;
const NETWORK_XML = `
<network>
  <name>${NETWORK}</name>
  <forward mode='open'/>
  <bridge name='lan0' stp='off' delay='0'/>
  <dns enable='no'/>
  <ip address='${web01.gateway}' netmask='255.255.255.0'/>
</network>
`;

export class PrivateLibvirt implements AsyncDisposable {
  readonly #root: string;
  readonly #holder: ChildProcess;
  readonly #init: number;
  #daemon: { nsenter: ChildProcess; pid: number } | undefined;

  private constructor(root: string, holder: ChildProcess, init: number) {
    this.#root = root;
    this.#holder = holder;
    this.#init = init;
  }

  static async start(): Promise<PrivateLibvirt> {
    const root = await mkdtemp(path.join(tmpdir(), 'ascend-libvirt-'));
    // QEMU passes through to the pool and the console logs.
    await chmod(root, 0o755);
    for (const place of PLACES) await mkdir(path.join(root, place), { recursive: true });
    await cp('/etc/libvirt', path.join(root, 'etc/libvirt'), { recursive: true, filter: isSetting });
    await mkdir(path.join(root, 'var/lib/libvirt/dnsmasq'));
    await writeFile(path.join(root, 'etc/libvirt/qemu.conf'), QEMU);
    await writeFile(path.join(root, 'libvirtd.conf'), LIBVIRTD(root));
    const { holder, init } = await holdNamespaces(root);
    const libvirt = new PrivateLibvirt(root, holder, init);
    await libvirt.restart();
    await libvirt.#furnish();
    return libvirt;
  }

  get uri(): string {
    return `qemu+unix:///system?socket=${this.#root}/socket/libvirt-sock`;
  }

  get poolDir(): string {
    return path.join(this.#root, 'pool');
  }

  get consoleDir(): string {
    return path.join(this.#root, 'console');
  }

  /** Flags of `ascend-agent target add` for this libvirt. */
  get targetFlags(): string[] {
    const options = { uri: this.uri, pool: POOL, network: NETWORK, consoleLogDir: this.consoleDir };
    return [
      '--kind',
      'kvm',
      ...Object.entries(options).flatMap(([key, value]) => ['--option', `${key}=${value}`]),
    ];
  }

  async virsh(...args: string[]): Promise<string> {
    return (
      await execa('virsh', ['--quiet', '-c', this.uri, ...args], { env: { LC_ALL: 'C' } })
    ).stdout.trim();
  }

  /** What there is of machines, running or not, and of volumes: names, sorted. */
  async inventory(): Promise<{ domains: string[]; volumes: string[] }> {
    await this.virsh('pool-refresh', POOL);
    const domains = (await this.virsh('list', '--all', '--name')).split('\n').filter(Boolean);
    const volumes = (await this.virsh('vol-list', POOL))
      .split('\n')
      .flatMap((line) => /\S+/.exec(line)?.[0] ?? []);
    return { domains: domains.sort(), volumes: volumes.sort() };
  }

  /** A command line that runs another one where the machines' network is: `[...libvirt.inside, 'ping', address]`. */
  get inside(): [string, ...string[]] {
    return ['nsenter', `--net=/proc/${this.#init}/ns/net`, '--'];
  }

  /** As `inside`, for a program that is to see libvirt's mounts and processes as well. */
  get within(): [string, ...string[]] {
    return ['nsenter', '--target', String(this.#init), '--mount', '--net', '--pid', '--'];
  }

  /** libvirtd alone ends; machines run on. */
  async stop(): Promise<void> {
    if (!this.#daemon) return;
    const { nsenter, pid } = this.#daemon;
    this.#daemon = undefined;
    process.kill(pid, 'SIGTERM');
    if (nsenter.exitCode === null) await once(nsenter, 'exit');
  }

  async restart(): Promise<void> {
    await this.stop();
    const [program, ...args] = [...this.within, 'libvirtd', '--config', `${this.#root}/libvirtd.conf`];
    const nsenter = spawn(program, args, { stdio: 'ignore' });
    await this.#answers(nsenter);
    this.#daemon = { nsenter, pid: await onlyChild(nsenter.pid) };
  }

  /** Removes every machine and volume. */
  async clear(): Promise<void> {
    const { domains, volumes } = await this.inventory();
    for (const domain of domains) {
      if ((await this.virsh('domstate', domain)) !== 'shut off') await this.virsh('destroy', domain);
      await this.virsh('undefine', domain);
    }
    for (const volume of volumes) await this.virsh('vol-delete', '--pool', POOL, volume);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, 'exit');
    // Init of the process namespace: libvirtd and every machine go with it.
    this.#holder.stdin?.end();
    await ended;
    await rm(this.#root, { recursive: true, force: true });
  }

  async #answers(daemon: ChildProcess): Promise<void> {
    const deadline = Date.now() + 60_000;
    while ((await execa('virsh', ['-c', this.uri, 'version'], { reject: false })).failed) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw new Error(await this.#whyNot(daemon));
      await sleep(100);
    }
  }

  async #whyNot({ exitCode }: ChildProcess): Promise<string> {
    const log = await readFile(path.join(this.#root, 'libvirtd.log'), 'utf8').catch(() => '');
    return `libvirtd does not start (exit code ${exitCode ?? 'none'}): ${log.slice(-2000)}`;
  }

  async #furnish(): Promise<void> {
    const file = path.join(this.#root, 'network.xml');
    await writeFile(file, NETWORK_XML);
    await this.virsh('net-define', file);
    await this.virsh('net-start', NETWORK);
    await this.virsh('pool-define-as', POOL, 'dir', '--target', this.poolDir);
    await this.virsh('pool-start', POOL);
    // Both outlive a restart of libvirtd, as on a host that was set up properly.
    await this.virsh('net-autostart', NETWORK);
    await this.virsh('pool-autostart', POOL);
  }
}

/** The package's settings, without machines, networks and pools that were defined since. */
function isSetting(file: string): boolean {
  return !/^\/etc\/libvirt\/(qemu|storage|secrets|nwfilter)\//.test(file);
}

async function holdNamespaces(root: string): Promise<{ holder: ChildProcess; init: number }> {
  const flags = ['--mount', '--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const script = path.join(import.meta.dirname, 'namespace.sh');
  const holder = spawn('unshare', [...flags, script, root], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(holder, 'close').then(([code]) => {
    throw new Error(`Namespaces for a private libvirt cannot be made (exit code ${String(code)}): ${said}
These tests need root, and a host (or container) that lets it use unshare and mount.`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(holder.stdout, 'data'), ended]);
  return { holder, init: await onlyChild(holder.pid) };
}

async function onlyChild(pid = 0): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}
