/** What the user supplies for guests: named for one command, or set for the site in agent.json. */
import path from 'node:path';
import type { Command } from 'commander';
import { readConfig, type AgentConfig } from '../config.ts';
import type { Supplies } from '../guests/requirements.ts';
import { driverTree } from '../guests/windows/drivers/tree.ts';
import type { CommonOptions } from './shell.ts';

export interface SupplyFlags {
  drivers?: string;
}

export function withSupplies(command: Command): Command {
  return command.option(
    '--drivers <path>',
    "Windows drivers of the target: virtio-win.iso or its folder, VMware Tools' or AWS' drivers (the agent's setting otherwise)",
  );
}

/** @throws usage.invalid where there are no drivers; config.invalid */
export async function suppliesOf(flags: SupplyFlags & CommonOptions): Promise<Supplies> {
  if (flags.drivers !== undefined) return checked({ drivers: path.resolve(flags.drivers) });
  return siteSupplies(await readConfig(path.resolve(flags.state), flags.settings));
}

/** @throws usage.invalid where there are no drivers in the place that is set */
export function siteSupplies({ drivers }: AgentConfig): Promise<Supplies> {
  return checked(drivers === undefined ? {} : { drivers });
}

async function checked(supplies: Supplies): Promise<Supplies> {
  if (supplies.drivers !== undefined) await driverTree(supplies.drivers);
  return supplies;
}
