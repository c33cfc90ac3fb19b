/**
 * A NIC keeps its name, and with it the address that is configured for that name: udev names NICs after slots and
 * drivers, which change, but a link file can bind a name to the MAC, which stays. Source: systemd.link(5).
 */
import { Severity } from '../../../proto/gen/ascend/v1/finding.ts';
import type { GuestFiles } from '../files.ts';
import type { FixPlan } from '../fix.ts';
import { filesOf } from './boot-files.ts';
import type { GuestRequirements, NicRequirement } from '../requirements.ts';

export interface NetworkFacts {
  /** Text of ifupdown's files. */
  ifupdown: readonly string[];
  /** Link files that are there already: path -> text. */
  linkFiles: ReadonlyMap<string, string>;
}

export const LINK_DIR = '/etc/systemd/network';

export async function readNetwork(files: GuestFiles): Promise<NetworkFacts> {
  const interfaces = ['/etc/network/interfaces', ...(await filesOf(files, '/etc/network/interfaces.d', ''))];
  const links = await filesOf(files, LINK_DIR, '.link');
  return {
    ifupdown: [...(await readAll(files, interfaces)).values()],
    linkFiles: await readAll(files, links),
  };
}

async function readAll(files: GuestFiles, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await files.readText(path);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

/** Names that are configured in ifupdown's files, without the loopback. Source: interfaces(5). */
export function configuredNames(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^[ \t]*iface[ \t]+(\S+)[ \t]/gm)].map((match) => match[1] ?? ''),
  );
  // "eth0:1" is an address of eth0, "eth0.100" a VLAN on it; "bond0" and bridges are made by software.
  return [...new Set(names)].filter((name) => /^(en|eth)[^:.]*$/.test(name));
}

export function planNics(network: NetworkFacts, wants: GuestRequirements): FixPlan {
  const names = configuredNames(network.ifupdown);
  const bound = bindNames(names, wants.nics);
  const plan: FixPlan = { fixes: [], findings: [] };
  for (const name of names) {
    if (bound.has(name)) continue;
    plan.findings.push({
      code: 'guest.nic-unbound',
      severity: Severity.WARN,
      subject: name,
      message: `The guest configures ${name}, but nothing says which NIC of the machine that is.`,
      remedy: 'Check the network of the machine after it has started.',
    });
  }
  for (const [name, mac] of bound) {
    const path = linkFile(name);
    const content = `# Keeps the name of this NIC, and so its address, on other virtual hardware.\n[Match]\nMACAddress=${mac}\n\n[Link]\nName=${name}\n`;
    if (network.linkFiles.get(path) === content) continue;
    plan.fixes.push({
      name: 'linux.nic-name',
      summary: `Keep the name ${name} for the NIC ${mac}, and with it the addresses that are configured for it.`,
      changes: [{ kind: 'write', path, content }],
    });
  }
  return plan;
}

export function linkFile(name: string): string {
  return `${LINK_DIR}/10-ascend-${name}.link`;
}

/** By the names that the platform must have led to; a single NIC and a single name need no further proof. */
function bindNames(names: readonly string[], nics: readonly NicRequirement[]): Map<string, string> {
  const bound = new Map<string, string>();
  for (const nic of nics) {
    const name = nic.guestNames.find((candidate) => names.includes(candidate) && !bound.has(candidate));
    if (name !== undefined) bound.set(name, nic.mac);
  }
  const [onlyName] = names;
  const [onlyNic] = nics;
  if (bound.size === 0 && names.length === 1 && nics.length === 1 && onlyName && onlyNic)
    bound.set(onlyName, onlyNic.mac);
  return bound;
}
