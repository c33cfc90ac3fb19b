/**
 * The main job, for the eye: a VMware backup of a real Debian server comes up as a running machine under libvirt,
 * ordered by a controller, done by an agent. Everything goes through the same commands that a person would type.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { buildDebian12, web01 } from '../../test/guests/debian12.ts';
import { clean } from './clean.ts';
import { preparePool, prepareNetwork } from './libvirt.ts';
import { folder, network, pool, site, uri } from './place.ts';
import { startProcess } from './processes.ts';

const root = path.join(import.meta.dirname, '..', '..');
const passwordFile = path.join(folder, 'password');
const tokenFile = path.join(folder, 'token');
const agentState = path.join(folder, 'agent');
const server = 'http://127.0.0.1:8440';

const agent = (...args: string[]) =>
  execa(process.execPath, ['agent/main.ts', '--state', agentState, ...args], { cwd: root });
const ascendOptions = { cwd: root, env: { ASCEND_SERVER: server, ASCEND_TOKEN_FILE: tokenFile } };
const ascend = (...args: string[]) => execa(process.execPath, ['controller/main.ts', ...args], ascendOptions);

function title(text: string): void {
  console.log(`\n== ${text}`);
}

title('The sample: a Debian 12 server as VMware would back it up');
const { backupDir } = await buildDebian12((line: string) => console.log(`   ${line}`));
console.log(`   ${backupDir}`);

title('A controller, an agent, and a target on this machine');
await clean();
await mkdir(folder, { recursive: true, mode: 0o700 });
await preparePool();
await prepareNetwork();
await startController();
await startAgent();
console.log(`   controller at ${server}, agent ${hostname()}, target ${pool.name} of ${uri}`);

title('The restore, ordered through the controller');
const backup = await backupId();
const { stdout } = await execa(
  process.execPath,
  [
    ...['controller/main.ts', 'restore', backup, '--target', `${hostname()}/local`, '--watch', '--json'],
    ...['--network', `VM Network=${network.name}`, '--ping', web01.address, '--tcp', `${web01.address}:80`],
    ...['--hostname', web01.name],
  ],
  { ...ascendOptions, stderr: 'inherit' },
);
const run = JSON.parse(stdout) as { healthChecks: { check: string; subject: string; observed: string }[] };

title('The proof');
for (const { check, subject, observed } of run.healthChecks)
  console.log(`   ${check.padEnd(13)} ${subject}: ${observed}`);
const page = await fetch(`http://${web01.address}/`);
console.log(`   web page      ${(await page.text()).trim()}`);
const { stdout: domains } = await execa('virsh', ['-c', uri, 'list']);
console.log(domains.replace(/^/gm, '   '));

title('Look around');
console.log(`   console   ${server}`);
console.log(
  `   sign in   admin / ${(await readFile(passwordFile, 'utf8')).trim()}  (to be changed at the first sign-in)`,
);
console.log(`   machine   virsh -c ${uri} console web01   (leave with Ctrl-])`);
console.log('   clean up  make demo-clean');

async function startController(): Promise<void> {
  const args = [
    path.join(root, 'controller/main.ts'),
    'serve',
    '--data',
    path.join(folder, 'controller'),
    '--initialPasswordFile',
    passwordFile,
  ];
  await startProcess('controller', [...args, '--initialTokenFile', tokenFile], async () => {
    const answer = await fetch(`${server}/healthz`).catch(() => undefined);
    return answer?.ok === true && (await readFile(tokenFile, 'utf8').catch(() => '')) !== '';
  });
}

async function startAgent(): Promise<void> {
  await mkdir(agentState, { recursive: true, mode: 0o700 });
  const repositories = [{ name: 'samples', path: path.dirname(backupDir) }];
  await writeFile(path.join(agentState, 'agent.json'), JSON.stringify({ repositories, scanSeconds: 5 }));
  await agent('target', 'add', 'local', '--kind', 'kvm', '--option', `pool=${pool.name}`);
  await ascend('site', 'add', site);
  const { stdout: token } = await ascend('token', 'create', '--site', site);
  await execa(process.execPath, ['agent/main.ts', '--state', agentState, 'enrol', '--token', '-'], {
    cwd: root,
    input: token,
  });
  await startProcess(
    'agent',
    [path.join(root, 'agent/main.ts'), '--state', agentState, 'serve'],
    async () => {
      const { stdout: agents } = await ascend('agent', 'list', '--json');
      return /"state": *"online"/.test(agents);
    },
  );
}

/** The sample's, once the agent has told the controller of it. */
async function backupId(): Promise<string> {
  for (;;) {
    const { backups } = JSON.parse((await ascend('backup', 'list', '--json')).stdout) as {
      backups: { id: string; machineName: string }[];
    };
    const found = backups.find(({ machineName }) => machineName === 'web01');
    if (found) return found.id;
    await sleep(500);
  }
}
