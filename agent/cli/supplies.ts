/** What the user supplies for guests: named for one command, or set for the site in agent.json. */
import path from 'node:path';
import type { Command } from 'commander';
import { readConfig, type AgentConfig } from '../config.ts';
import type { Supplies } from '../guests/requirements.ts';
import { readVolumeKeys } from '../guests/volume-keys.ts';
import { driverTree } from '../guests/windows/drivers/tree.ts';
import { installerTree } from '../guests/windows/installers.ts';
import type { CommonOptions } from './shell.ts';

export interface SupplyFlags {
  drivers?: string;
  packages?: string;
  luksKey: string[];
}

export function withSupplies(command: Command): Command {
  return command
    .option(
      '--drivers <path>',
      "Windows drivers of the target: virtio-win.iso or its folder, VMware Tools' or AWS' drivers (the agent's setting otherwise)",
    )
    .option(
      '--packages <path>',
      "installers of the target's tools: for Windows qemu-ga, VMware Tools, SSM agent, EC2Launch, Azure's agent; for Linux the guest agent's .deb or .rpm with what it depends on beside it (the agent's setting otherwise)",
    )
    .option(
      '--luksKey <file>',
      "file with the passphrase or key of an encrypted volume (LUKS), readable by its owner alone; repeat for each; the agent's own are tried as well",
      (file, files: string[]) => [...files, file],
      [],
    );
}

/** @throws usage.invalid where there are no drivers, or a key file is not fit for it; config.invalid */
export async function suppliesOf(flags: SupplyFlags & CommonOptions): Promise<Supplies> {
  const site = suppliesIn(await readConfig(path.resolve(flags.state), flags.settings));
  const own = {
    ...(flags.drivers !== undefined && { drivers: path.resolve(flags.drivers) }),
    ...(flags.packages !== undefined && { packages: path.resolve(flags.packages) }),
    luksKeys: [...flags.luksKey.map((file) => path.resolve(file)), ...(site.luksKeys ?? [])],
  };
  return checked({ ...site, ...own });
}

/** @throws usage.invalid where there are no drivers in the place that is set, or a key file is not fit for it */
export function siteSupplies(config: AgentConfig): Promise<Supplies> {
  return checked(suppliesIn(config));
}

function suppliesIn({ drivers, packages, luksKeys }: AgentConfig): Supplies {
  return {
    ...(drivers !== undefined && { drivers }),
    ...(packages !== undefined && { packages }),
    ...(luksKeys && { luksKeys }),
  };
}

async function checked(supplies: Supplies): Promise<Supplies> {
  if (supplies.drivers !== undefined) await driverTree(supplies.drivers);
  if (supplies.packages !== undefined) await installerTree(supplies.packages);
  await readVolumeKeys(supplies.luksKeys ?? []);
  return supplies;
}
