/** Options that restores, checks, conversions and rehearsals share. */
import { Option, type Command } from 'commander';
import { AscendError } from '../../proto/errors.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { BackupSelection, RestoreOptions } from '../../proto/gen/ascend/v1/run.ts';
import { withSupplies, type SupplyFlags } from './supplies.ts';

export interface SelectionFlags {
  vm?: string;
  config?: string;
  disk: string[];
}

export interface GuestFlags extends SelectionFlags, SupplyFlags {
  ip: string[];
  firmware?: keyof typeof FIRMWARE;
  option: string[];
}

export interface RestoreFlags extends GuestFlags {
  name?: string;
  network: string[];
  start: boolean;
  ping: string[];
  tcp: string[];
  hostname?: string;
  healthTimeout: number;
}

const FIRMWARE = { uefi: Firmware.UEFI, bios: Firmware.BIOS } as const;

const collect = (value: string, all: string[]) => [...all, value];

/** Options that decide where a backup leaves a choice. */
export function withSelection(command: Command): Command {
  return command
    .option('--vm <name>', 'machine to take, by name or identifier, where several are described')
    .option('--config <id>', 'deployment configuration to take, where an OVF has several')
    .option(
      '--disk <id=file>',
      'file that holds a disk, where its name does not say; repeat for each',
      collect,
      [],
    );
}

/** @throws usage.invalid */
export function selectionOf({ vm, config, disk }: SelectionFlags): BackupSelection {
  return { vm, config, disks: keyValues(disk, '--disk') };
}

/** Options that decide what the guest becomes. */
export function withGuestOptions(command: Command): Command {
  return withSupplies(withSelection(command))
    .option(
      '--ip <nic=address>',
      'address of a NIC: ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...] or dhcp; without it, it keeps its own; repeat for each',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--firmware <kind>',
        'what the machine starts by; a Linux guest with GRUB is changed where it starts by the other one',
      ).choices(Object.keys(FIRMWARE)),
    )
    .option('--option <key=value>', 'option of the target, for this time; repeat for each', collect, []);
}

export function withRestoreOptions(command: Command): Command {
  return withGuestOptions(command)
    .option('--name <name>', 'name of the restored machine (its own otherwise)')
    .option(
      '--network <src=dst>',
      'network of the source = network of the target; repeat for each',
      collect,
      [],
    )
    .option('--no-start', 'leave the machine switched off, unproven')
    .option('--ping <address>', 'prove that the machine answers this address; repeat for each', collect, [])
    .option(
      '--tcp <address:port>',
      'prove that the machine accepts connections there; repeat for each',
      collect,
      [],
    )
    .option('--hostname <name>', 'prove that the login prompt shows this host name')
    .option('--healthTimeout <seconds>', 'time for the machine to prove that it works', Number, 300);
}

/** What they decide, and nothing of a machine on a target. @throws usage.invalid */
export function guestOptionsOf(flags: GuestFlags): RestoreOptions {
  const own = keyValues(flags.option, '--option');
  return {
    networks: {},
    addresses: keyValues(flags.ip, '--ip'),
    firmware: flags.firmware && FIRMWARE[flags.firmware],
    start: true,
    health: undefined,
    targetOptionsJson: flags.option.length > 0 ? JSON.stringify(typedValues(own)) : '',
  };
}

/** @throws usage.invalid */
export function restoreOptionsOf(flags: RestoreFlags): RestoreOptions {
  if (!Number.isInteger(flags.healthTimeout) || flags.healthTimeout < 1)
    throw usage('--healthTimeout takes whole seconds');
  return {
    ...guestOptionsOf(flags),
    name: flags.name,
    networks: keyValues(flags.network, '--network'),
    start: flags.start,
    health: {
      timeoutSeconds: flags.healthTimeout,
      ping: flags.ping,
      tcp: flags.tcp,
      hostname: flags.hostname,
    },
  };
}

/** @throws usage.invalid */
export function keyValues(pairs: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      if (equals < 1 || equals === pair.length - 1) throw usage(`${flag} ${pair}: give NAME=VALUE`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** true, false and numbers as such, all else as text. */
export function typedValues(
  values: Readonly<Record<string, string>>,
): Record<string, string | number | boolean> {
  const typed = (text: string) => {
    if (text === 'true' || text === 'false') return text === 'true';
    return /^\d{1,15}$/.test(text) ? Number(text) : text;
  };
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, typed(text)]));
}

function usage(message: string): AscendError {
  return new AscendError('usage.invalid', `${message}.`);
}
