/** NICs that get other addresses on the target: by DHCP, or as the user says. Every file that configures one is changed. */
import type { Change, Fix } from '../../fix.ts';
import type { NicRequirement, StaticAddressing } from '../../requirements.ts';
import type { FoundNic, StackFile } from '../network/index.ts';
import { SUSE_FOLDER, SUSE_ROUTES, type NetworkFacts } from './network-facts.ts';

export function planAddresses(
  { files, routes }: NetworkFacts,
  configured: readonly FoundNic[],
  bound: ReadonlyMap<string, NicRequirement>,
  nics: readonly NicRequirement[],
  macStays: boolean,
): Fix[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const changedSuse: { name: string; addressing: 'dhcp' | StaticAddressing }[] = [];
  for (const nic of nics) {
    const { addressing } = nic;
    if (addressing === 'keep') continue;
    for (const found of configured.filter((candidate) => isOf(candidate, nic, bound))) {
      const file: StackFile = { ...found.file, text: texts.get(found.path) ?? found.file.text };
      texts.set(found.path, file.stack.readdress(file, found, { addressing, macStays }));
      if (file.stack.title === 'wicked' && found.name !== undefined)
        changedSuse.push({ name: found.name, addressing });
    }
  }
  const changes: Change[] = files.flatMap(({ path, text }) => {
    const content = texts.get(path) ?? text;
    return content === text ? [] : [{ kind: 'write', path, content }];
  });
  if (changedSuse.length > 0) changes.push(...suseRoutes(changedSuse, routes));
  if (changes.length === 0) return [];
  return [
    {
      name: 'linux.nic-addresses',
      summary: `Give ${nics.filter(({ addressing }) => addressing !== 'keep').length} NIC(s) the addresses of the target.`,
      changes,
    },
  ];
}

function isOf(found: FoundNic, nic: NicRequirement, bound: ReadonlyMap<string, NicRequirement>): boolean {
  if (found.mac !== undefined && found.mac === nic.mac.toLowerCase()) return true;
  return found.name !== undefined && bound.get(found.name) === nic;
}

/** wicked has gateways in files of their own, for all NICs and for one. Source: routes(5) of SUSE. */
function suseRoutes(
  changed: readonly { name: string; addressing: 'dhcp' | StaticAddressing }[],
  routes: ReadonlyMap<string, string>,
): Change[] {
  const wanted = new Map([...routes].filter(([path]) => path === SUSE_ROUTES));
  for (const [path, text] of wanted) wanted.set(path, text.replace(/^[ \t]*default[ \t].*\n?/gm, ''));
  for (const { name, addressing } of changed) {
    if (addressing !== 'dhcp' && addressing.gateway !== undefined)
      wanted.set(`${SUSE_FOLDER}/ifroute-${name}`, `default ${addressing.gateway} - -\n`);
  }
  return [...wanted].flatMap(([path, content]) =>
    routes.get(path) === content ? [] : [{ kind: 'write' as const, path, content }],
  );
}
