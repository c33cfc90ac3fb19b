/** The list of backups at the controller follows what lies in an agent's folder and bucket, with real processes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../../controller/cli/client.ts';
import { eventually } from '../../controller/testing/eventually.ts';
import { AgentHome, type ServingAgent } from '../e2e/agent-process.ts';
import { ControllerHome } from '../e2e/controller-process.ts';
import { Moto } from '../peers/moto.ts';

const vmx = (name: string) => `displayName = "${name}"\nguestOS = "debian12-64"\nvirtualHW.version = "19"\n`;
let folder: string;
let moto: Moto;
let controller: ControllerHome;
let home: AgentHome;
let agent: ServingAgent;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-nas-'));
  [moto, controller] = await Promise.all([Moto.start(), ControllerHome.start()]);
  await moto.fill('offsite', { 'vms/mail/mail.vmx': vmx('mail') });
  const credentialsFile = path.join(folder, '.credentials');
  await writeFile(credentialsFile, '{"accessKeyId": "a", "secretAccessKey": "b"}', { mode: 0o600 });
  home = await AgentHome.make({
    repositories: [
      { name: 'nas', path: folder },
      { name: 's3', bucket: { name: 'offsite', prefix: 'vms', endpoint: moto.endpoint, credentialsFile } },
    ],
    scanSeconds: 5,
  });
  const { api } = await controller.client();
  const { id } = await answer(api.sites.$post({ json: { name: 'Berlin' } }));
  const { token } = await answer(api.sites[':id']['enrolment-tokens'].$post({ param: { id } }));
  expect(await home.run(['enrol', '--token', token])).toMatchObject({ exitCode: 0 });
  await put('web01');
  agent = home.serve();
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await controller[Symbol.asyncDispose]();
  await moto[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function put(name: string): Promise<void> {
  await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, name, `${name}.vmx`), vmx(name));
}

/** Machine to the catalogue's id, once exactly these machines are listed. */
async function listed(...machines: string[]): Promise<Map<string, string>> {
  const { api } = await controller.client();
  return eventually(async () => {
    const { backups } = await answer(api.backups.$get({ query: { sort: 'machineName', order: 'asc' } }));
    expect(
      backups.map(({ machineName }) => machineName),
      agent.log,
    ).toEqual(machines);
    return new Map(backups.map(({ machineName, id }) => [machineName, id]));
  }, 60_000);
}

test('what appears and vanishes is listed, and a backup keeps its id while agent and controller die', async () => {
  const before = await listed('mail', 'web01');
  await put('db01');
  await listed('db01', 'mail', 'web01');
  await agent.kill();
  await rm(path.join(folder, 'db01'), { recursive: true });
  await put('files');
  await controller.kill();
  await controller.restart();
  agent = home.serve();
  const after = await listed('files', 'mail', 'web01');
  expect([after.get('mail'), after.get('web01')]).toEqual([before.get('mail'), before.get('web01')]);
});

test('the agent stays small, with a bucket and a folder to look through', async () => {
  expect(await agent.peakMemory()).toBeLessThan(200_000);
});
