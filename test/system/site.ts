/** A whole site: a controller, an agent that is enrolled at it, the sample in the agent's repository, a libvirt to restore to. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { answer } from '../../controller/cli/client.ts';
import { eventually } from '../../controller/testing/eventually.ts';
import type { RestoreOptions, RunKind } from '../../controller/runs/run.ts';
import { AgentHome, type ServingAgent } from '../e2e/agent-process.ts';
import { ControllerHome } from '../e2e/controller-process.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';
import { PrivateLibvirt } from '../libvirt/private.ts';

export class Site implements AsyncDisposable {
  readonly backup: string;
  readonly libvirt: PrivateLibvirt;
  readonly controller: ControllerHome;
  readonly home: AgentHome;
  agent: ServingAgent;
  /** Kilobytes that agents had resident at most. */
  agentMemory = 0;
  #agentId = '';
  #backupId = '';

  private constructor(backup: string, libvirt: PrivateLibvirt, controller: ControllerHome, home: AgentHome) {
    this.backup = backup;
    this.libvirt = libvirt;
    this.controller = controller;
    this.home = home;
    this.agent = home.serve();
  }

  static async start(): Promise<Site> {
    const { backupDir } = await buildDebian12();
    const libvirt = await PrivateLibvirt.start();
    const controller = await ControllerHome.start();
    const repositories = [{ name: 'backups', path: path.dirname(backupDir) }];
    const home = await AgentHome.make({ repositories, scanSeconds: 5 });
    await succeed(home, ['target', 'add', 'local', ...libvirt.targetFlags]);
    const { api } = await controller.client();
    const { id } = await answer(api.sites.$post({ json: { name: 'Berlin' } }));
    const { token } = await answer(api.sites[':id']['enrolment-tokens'].$post({ param: { id } }));
    await succeed(home, ['enrol', '--token', token]);
    const site = new Site(backupDir, libvirt, controller, home);
    await site.#known();
    return site;
  }

  /** A restore, or a rehearsal. @returns the run's id. */
  async order(
    name: string,
    options: Partial<RestoreOptions> = {},
    kind: RunKind = 'restore',
  ): Promise<string> {
    const { api } = await this.controller.client();
    const json = {
      kind,
      backupId: this.#backupId,
      target: { agentId: this.#agentId, name: 'local' },
      options: { name, ...options },
    };
    const { id } = await answer(api.runs.$post({ json, header: { 'idempotency-key': randomUUID() } }));
    return id;
  }

  async cancel(runId: string): Promise<void> {
    const { api } = await this.controller.client();
    await answer(api.runs[':id'].cancel.$post({ param: { id: runId } }));
  }

  async killAgent(): Promise<void> {
    this.agentMemory = Math.max(this.agentMemory, await this.agent.peakMemory());
    await this.agent.kill();
  }

  startAgent(): void {
    this.agent = this.home.serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.controller[Symbol.asyncDispose]();
    await this.libvirt[Symbol.asyncDispose]();
  }

  /** Waits until the controller knows the agent, its target and its backup. */
  async #known(): Promise<void> {
    const { api } = await this.controller.client();
    await eventually(async () => {
      const { agents } = await answer(api.agents.$get());
      const { backups } = await answer(api.backups.$get({ query: {} }));
      const agent = agents.find(({ name, targets }) => name === hostname() && targets.length > 0);
      const backup = backups.find(({ backupId }) => backupId === web01.increment.backup);
      if (!agent || !backup) {
        const known = JSON.stringify({ agents, backups: backups.map(({ path: place }) => place) });
        throw new Error(`The agent has not said yet what it has: ${known}\n${this.agent.log}`);
      }
      this.#agentId = agent.id;
      this.#backupId = backup.id;
    }, 60_000);
  }
}

async function succeed(home: AgentHome, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await home.run(args);
  if (exitCode !== 0) throw new Error(`ascend-agent ${args.join(' ')}: ${stderr}`);
}
