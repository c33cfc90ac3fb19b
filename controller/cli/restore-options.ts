/** What `restore`, `rehearse` and `schedule add` say alike about the machine that is to come of it. */
import { InvalidArgumentError, Option, type Command } from 'commander';

export interface RestoreFlags {
  readonly network: Record<string, string>;
  readonly ip: Record<string, string>;
  readonly firmware?: 'bios' | 'uefi';
  readonly option: Record<string, unknown>;
  readonly name?: string;
  readonly start: boolean;
  readonly ping: readonly string[];
  readonly tcp: readonly string[];
  readonly hostname?: string;
  readonly healthTimeout?: number;
}

export function withRestoreOptions(command: Command): Command {
  return command
    .option(
      '--network <src=dst>',
      'map a network of the source to one of the target; may be repeated',
      addPair,
      {},
    )
    .option(
      '--ip <nic=address>',
      'address of a NIC: ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...] or dhcp; without it, it keeps its own; may be repeated',
      addPair,
      {},
    )
    .addOption(
      new Option('--firmware <kind>', 'what the machine starts by; without it, as it does now').choices([
        'bios',
        'uefi',
      ]),
    )
    .option('--option <key=value>', 'option of the target for this restore; may be repeated', addTyped, {})
    .option('--name <name>', 'name of the restored machine')
    .option('--no-start', 'do not start the machine')
    .option('--ping <address>', 'prove that the machine answers this address; may be repeated', addText, [])
    .option('--tcp <address:port>', 'prove that it accepts connections there; may be repeated', addText, [])
    .option('--hostname <name>', 'prove that its login prompt shows this host name')
    .option('--healthTimeout <seconds>', 'time for the machine to prove that it works', wholeSeconds);
}

/** As the API takes them. */
export function restoreOptionsOf(flags: RestoreFlags) {
  const health = {
    timeoutSeconds: flags.healthTimeout,
    ping: [...flags.ping],
    tcp: [...flags.tcp],
    hostname: flags.hostname,
  };
  return {
    name: flags.name,
    networks: flags.network,
    addresses: flags.ip,
    firmware: flags.firmware,
    start: flags.start,
    health,
    targetOptions: flags.option,
  };
}

/** Adds one "SRC=DST" to those that came before it; the first "=" parts the names. */
function addPair(pair: string, before: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=');
  if (at > 0 && at < pair.length - 1) return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
  throw new InvalidArgumentError('Write NAME=VALUE, e.g. --network "Source LAN=default".');
}

/** true, false and numbers as such, all else as text. */
function addTyped(pair: string, before: Record<string, unknown>): Record<string, unknown> {
  const [[key, text] = ['', '']] = Object.entries(addPair(pair, {}));
  const value =
    text === 'true' || text === 'false' ? text === 'true' : /^\d{1,15}$/.test(text) ? Number(text) : text;
  return { ...before, [key]: value };
}

function addText(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

function wholeSeconds(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give whole seconds.');
}
