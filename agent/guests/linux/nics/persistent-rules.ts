/** Names of NICs by MAC as udev kept them before link files: "70-persistent-net.rules". Source: udev(7). */
import type { Fix } from '../../fix.ts';
import type { NicRequirement } from '../../requirements.ts';
import { PERSISTENT_RULES, type NetworkFacts } from './network-facts.ts';

/** Such rules go before link files, so they must say the same; without link files they are all there is. */
export function planRules(
  { rules, readsLinks, files }: NetworkFacts,
  bound: ReadonlyMap<string, NicRequirement>,
  macStays: boolean,
): Fix[] {
  if (files.length === 0 || (rules === undefined && readsLinks)) return [];
  const before = rules ?? '';
  const kept = before.split('\n').filter((line) => agrees(line, bound, macStays));
  const isSaid = (name: string, mac: string) => kept.some((line) => says(line, name, mac));
  const added =
    readsLinks || !macStays
      ? []
      : [...bound].flatMap(([name, { mac }]) => (isSaid(name, mac) ? [] : [ruleOf(name, mac)]));
  const content = [...kept.join('\n').trimEnd().split('\n').filter(isText), ...added].join('\n');
  if (content.trim() === before.trim()) return [];
  return [
    {
      name: 'linux.nic-rules',
      summary: `In ${PERSISTENT_RULES}, ${macStays ? 'bind the names of NICs to their MACs' : 'forget the NICs of the old platform'}.`,
      changes: [{ kind: 'write', path: PERSISTENT_RULES, content: `${content}\n` }],
    },
  ];
}

function isText(line: string, _index: number, all: readonly string[]): boolean {
  return all.length > 1 || line !== '';
}

interface Rule {
  mac: string | undefined;
  name: string | undefined;
}

function parseRule(line: string): Rule | undefined {
  if (/^\s*#/.test(line)) return undefined;
  const name = /\bNAME\s*:?=\s*"([^"]*)"/.exec(line)?.[1];
  const mac = /\bATTRS?\{address\}\s*==\s*"([^"]*)"/.exec(line)?.[1]?.toLowerCase();
  return name === undefined ? undefined : { name, mac };
}

function agrees(line: string, bound: ReadonlyMap<string, NicRequirement>, macStays: boolean): boolean {
  const rule = parseRule(line);
  if (rule?.name === undefined || rule.mac === undefined) return true;
  if (!macStays) return false;
  const wanted = bound.get(rule.name)?.mac.toLowerCase();
  const owner = [...bound].find(([, { mac }]) => mac.toLowerCase() === rule.mac)?.[0];
  return (wanted === undefined || wanted === rule.mac) && (owner === undefined || owner === rule.name);
}

function says(line: string, name: string, mac: string): boolean {
  const rule = parseRule(line);
  return rule?.name === name && rule.mac === mac.toLowerCase();
}

function ruleOf(name: string, mac: string): string {
  return `SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="${mac.toLowerCase()}", ATTR{type}=="1", NAME="${name}"`;
}
