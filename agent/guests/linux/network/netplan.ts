/**
 * netplan's YAML, as installers and cloud-init write it: a block a NIC, told apart by indentation. What is written in
 * braces is not read; renaming by MAC covers a NIC whatever its file says. Source: netplan(5), "Properties".
 */
import { asMac, isV6, unquoted, type AddressWish, type ConfiguredNic, type NetworkStack } from './stack.ts';

export const netplan: NetworkStack = {
  title: 'netplan',
  places: [
    ['/etc/netplan', /\.yaml$/],
    ['/run/netplan', /\.yaml$/],
  ],
  nics({ path, text }) {
    return blocks(text).map(({ id, lines }): ConfiguredNic => {
      const value = (key: string) => {
        const found = new RegExp(`^[ ]+${key}:[ ]+(\\S+)[ ]*(?:#.*)?$`, 'm').exec(lines.join('\n'))?.[1];
        return found === undefined ? undefined : unquoted(found);
      };
      const isMatched = lines.some((line) => /^ +match:/.test(line));
      // Without a match, the block's own name is the NIC's.
      return {
        path,
        name: value('set-name') ?? (isMatched ? undefined : id),
        mac: asMac(value('macaddress')),
      };
    });
  },
  readdress({ text }, nic, wish) {
    const lines = text.split('\n');
    const block = blocks(text).find(
      ({ id, lines: own }) =>
        id === nic.name || own.some((line) => isMac(line, nic.mac) || isName(line, nic.name)),
    );
    if (block === undefined) return text;
    lines.splice(block.start, block.lines.length + 1, ...blockOf(block, nic, wish));
    return lines.join('\n');
  },
};

interface Block {
  id: string;
  indent: string;
  /** Line of its key. */
  start: number;
  /** What stands below its key. */
  lines: string[];
}

function isMac(line: string, mac: string | undefined): boolean {
  return mac !== undefined && line.toLowerCase().includes(mac);
}

function isName(line: string, name: string | undefined): boolean {
  return name !== undefined && unquoted(/^ +set-name:(.*)$/.exec(line)?.[1] ?? '') === name;
}

/** The blocks below "ethernets:". */
function blocks(text: string): Block[] {
  const lines = text.split('\n');
  const found: Block[] = [];
  let ethernets = -1;
  let keys = -1;
  for (const [number, line] of lines.entries()) {
    if (/^\s*(#.*)?$/.test(line)) {
      if (ethernets >= 0) found.at(-1)?.lines.push(line);
      continue;
    }
    const depth = line.length - line.trimStart().length;
    if (depth <= ethernets) ethernets = -1;
    if (ethernets < 0) {
      if (/^ *ethernets:[ ]*(#.*)?$/.test(line)) [ethernets, keys] = [depth, -1];
      continue;
    }
    if (keys < 0) keys = depth;
    const id = depth === keys ? /^ *(["']?)([^"':{}]+)\1:[ ]*(#.*)?$/.exec(line)?.[2] : undefined;
    if (id !== undefined) found.push({ id, indent: line.slice(0, depth), start: number, lines: [] });
    else if (depth > keys) found.at(-1)?.lines.push(line);
  }
  return found.map((block) => ({ ...block, lines: withoutTail(block.lines) }));
}

/** Blank lines and comments at its end belong to what follows. */
function withoutTail(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => !/^\s*(#.*)?$/.test(line));
  return lines.slice(0, last + 1);
}

function blockOf({ id, indent }: Block, nic: ConfiguredNic, { addressing, macStays }: AddressWish): string[] {
  const inner = `${indent}  `;
  const match =
    nic.mac === undefined || !macStays
      ? []
      : [
          `${inner}match:`,
          `${inner}  macaddress: "${nic.mac}"`,
          ...(nic.name ? [`${inner}set-name: ${nic.name}`] : []),
        ];
  const key = macStays || nic.name === undefined ? id : nic.name;
  // A block that is no NIC's name needs a match.
  const anyName = !macStays && nic.name === undefined ? [`${inner}match:`, `${inner}  name: "e*"`] : [];
  return [`${indent}${key}:`, ...match, ...anyName, ...addressLines(addressing).map((line) => inner + line)];
}

function addressLines(addressing: AddressWish['addressing']): string[] {
  if (addressing === 'dhcp') return ['dhcp4: true'];
  const { cidr, gateway, dns } = addressing;
  return [
    'dhcp4: false',
    'addresses:',
    `  - "${cidr}"`,
    ...(gateway
      ? ['routes:', `  - to: "${isV6(addressing) ? '::/0' : '0.0.0.0/0'}"`, `    via: "${gateway}"`]
      : []),
    ...(dns.length > 0
      ? ['nameservers:', `  addresses: [${dns.map((server) => `"${server}"`).join(', ')}]`]
      : []),
  ];
}
