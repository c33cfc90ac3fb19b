import { expect, it } from 'vitest';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Placement } from '../targets/target.ts';
import { chooseTarget, refuseBlocked, validate } from './validate.ts';

const lab = { name: 'lab', kind: 'kvm', options: { pool: 'ssd', verify: false } };
const choose = (json: string) =>
  chooseTarget(lab, { networks: {}, addresses: {}, start: true, targetOptionsJson: json, health: undefined });

it('fills in what the target leaves open', () => {
  expect(chooseTarget(lab, undefined)).toMatchObject({
    target: { kind: 'kvm' },
    options: { uri: 'qemu:///system', pool: 'ssd', verify: false },
  });
});

it('lets a restore override what a restore may, and takes nothing for no override', () => {
  expect(choose('{"pool":"hdd","verify":true}').options).toMatchObject({ pool: 'hdd', verify: true });
  expect(choose('').options).toMatchObject({ pool: 'ssd' });
});

it.each([
  [
    '{"uri":"qemu:///session"}',
    'uri belongs to the target, not to a restore (a restore may set pool, network, verify)',
  ],
  ['{"consoleLogDir":"/etc"}', 'consoleLogDir belongs to the target'],
  ['{"__proto__":{"pool":"x"}}', '__proto__ belongs to the target'],
  ['{"pool":7}', 'Options of target lab: pool'],
  ['{"pool":', 'not JSON'],
  ['[]', 'not an object'],
  ['null', 'not an object'],
  ['"pool"', 'not an object'],
])('refuses the options %s', (json, said) => {
  expect(() => choose(json)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  expect(() => choose(json)).toThrow(said);
});

it.each([
  'qemu+ssh://host/system',
  'test:///default',
  'qemu:///system?command=/bin/sh',
  'qemu:///system?socket=x',
  'xen:///',
])('takes no libvirt but this host’s: %s', (uri) => {
  expect(() => chooseTarget({ ...lab, options: { uri } }, undefined)).toThrow(
    'must be a libvirt on this host',
  );
});

it('refuses a kind that there is not, and checks that can never pass', () => {
  expect(() => chooseTarget({ ...lab, kind: 'zos' }, undefined)).toThrow('There is no target of kind zos.');
  const health = { timeoutSeconds: 0, ping: [], tcp: ['nowhere'] };
  expect(() =>
    chooseTarget(lab, { networks: {}, addresses: {}, start: true, targetOptionsJson: '', health }),
  ).toThrow('TCP check');
});

const finding = (code: string, severity: Severity): Finding => ({
  code,
  severity,
  subject: '',
  message: `${code}!`,
  remedy: `mend ${code}`,
});

it('stops a restore with every finding that blocks, and only those', () => {
  const warn = finding('c', Severity.WARN);
  expect(() => refuseBlocked([warn])).not.toThrow();
  expect(() => refuseBlocked([finding('a', Severity.BLOCK), warn, finding('b', Severity.BLOCK)])).toThrow(
    expect.objectContaining({
      code: 'run.blocked',
      message: 'a! b!',
      hint: 'mend a mend b',
      context: { findings: 'a, b' },
    }),
  );
});

it('lets a rehearsal go on where the target would stop a restore, and says so; without a disk there is nothing to rehearse', async () => {
  const taken = finding('target.name-taken', Severity.BLOCK);
  const slow = finding('host.slow', Severity.WARN);
  const target = { ...chooseTarget(lab, undefined).target, check: () => Promise.resolve([taken, slow]) };
  const placement: Placement = {
    runId: 'r1',
    name: 'web01',
    machine: { name: 'web01', platform: 'x', firmware: 0, disks: [], nics: [], tags: {} },
    networks: {},
    start: true,
    copyBytes: 0n,
  };
  const unused = () => expect.fail('nothing is run');
  const context = { exec: unused, acceleration: unused, signal: new AbortController().signal };
  const told = async (rehearsalOnly: boolean) =>
    (await validate(placement, { target, options: {} }, { rehearsalOnly }, context)).map(
      ({ code, severity }) => [code, severity],
    );
  const noDisk = ['machine.no-disks', Severity.BLOCK];
  expect(await told(false)).toEqual([
    noDisk,
    ['target.name-taken', Severity.BLOCK],
    ['host.slow', Severity.WARN],
  ]);
  expect(await told(true)).toEqual([
    noDisk,
    ['target.name-taken', Severity.WARN],
    ['host.slow', Severity.WARN],
  ]);
});
