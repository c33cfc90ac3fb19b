import { expect, it } from 'vitest';
import { redHat } from '../network/ifcfg.ts';
import { PERSISTENT_RULES, type NetworkFacts } from './network-facts.ts';
import { planRules } from './persistent-rules.ts';

const rule = (mac: string, name: string) =>
  `SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="${mac}", ATTR{type}=="1", NAME="${name}"`;
const facts = (rules: string | undefined, readsLinks = false): NetworkFacts => ({
  files: [{ stack: redHat, path: '/etc/sysconfig/network-scripts/ifcfg-eth0', text: 'DEVICE=eth0\n' }],
  linkFiles: new Map(),
  readsLinks,
  rules,
  hasDhcpClient: true,
  routes: new Map(),
});
const bound = new Map([['eth0', { mac: '00:50:56:AA:00:01', guestNames: [], addressing: 'keep' as const }]]);

function after(network: NetworkFacts, macStays = true): string | undefined {
  const [change] = planRules(network, bound, macStays).flatMap(({ changes }) => changes);
  if (change?.kind !== 'write') return undefined;
  expect(change.path).toBe(PERSISTENT_RULES);
  expect(planRules({ ...network, rules: change.content }, bound, macStays)).toEqual([]);
  return change.content;
}

const OURS = rule('00:50:56:aa:00:01', 'eth0');
const OTHER = rule('00:50:56:ff:ff:ff', 'eth5');

it.each<[string, string | undefined, string | undefined]>([
  ['nothing is there', undefined, `${OURS}\n`],
  ['the name belongs to another MAC', `# mine\n${rule('aa:aa:aa:aa:aa:aa', 'eth0')}\n`, `# mine\n${OURS}\n`],
  ['the MAC has another name', `${rule('00:50:56:aa:00:01', 'eth1')}\n`, `${OURS}\n`],
  ['another NIC has its own', `${OTHER}\n`, `${OTHER}\n${OURS}\n`],
  ['it is said already', `${OURS}\n`, undefined],
])('binds a name for a guest of the years before link files, where %s', (_what, rules, expected) => {
  expect(after(facts(rules))).toBe(expected);
});

it('only corrects rules where link files do the work', () => {
  expect(after(facts(undefined, true))).toBeUndefined();
  expect(after(facts(`${rule('aa:aa:aa:aa:aa:aa', 'eth0')}\n# end\n`, true))).toBe('# end\n');
});

it('forgets every NIC where the target gives other MACs', () => {
  expect(after(facts(`# mine\n${OURS}\n${OTHER}\n`), false)).toBe('# mine\n');
});
