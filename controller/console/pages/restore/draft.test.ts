import { expect, test } from 'vitest';
import type { Target } from '../../data/use-agents.ts';
import type { Machine } from '../../data/use-backups.ts';
import { choose, emptyDraft, requestOf, sourceNetworks } from './draft.ts';

const nic = {
  id: 'nic0',
  mac: null,
  model: null,
  network: 'Office',
  vlan: null,
  connected: true,
  addresses: [],
};
const machine: Machine = {
  name: 'web01',
  platform: 'a-source',
  sourceId: null,
  guest: { family: null, id: null, name: null, arch: null },
  cpu: { count: null, sockets: null, coresPerSocket: null },
  memoryBytes: null,
  firmware: null,
  secureBoot: null,
  tpm: null,
  disks: [],
  nics: [nic, { ...nic, id: 'nic1' }, { ...nic, id: 'nic2', network: 'Storage' }, { ...nic, network: null }],
  notes: null,
  tags: {},
};
const target: Target = {
  agentId: 'a1',
  agentName: 'host-1',
  siteId: 's1',
  name: 'lab',
  kind: 'a-kind',
  networks: ['default', 'Office'],
  reachable: true,
  problem: null,
  agentOnline: true,
};

test('asks for each network once, and for none that is unknown', () => {
  expect(sourceNetworks(machine)).toEqual(['Office', 'Storage']);
});

test('maps a network to the one of the same name, and no other', () => {
  expect(choose(target, machine).networks).toEqual({ Office: 'Office' });
});

test('is no request before there is a target', () => {
  expect(requestOf('restore', 'b1', emptyDraft)).toBeUndefined();
});

test('leaves out what nobody said, and health checks of a machine that is not started', () => {
  const draft = { ...emptyDraft, ...choose(target, machine), name: '  ', start: false };
  expect(requestOf('restore', 'b1', draft)).toEqual({
    kind: 'restore',
    backupId: 'b1',
    target: { agentId: 'a1', name: 'lab' },
    options: {
      networks: { Office: 'Office' },
      addresses: {},
      start: false,
      rehearse: false,
      targetOptions: {},
    },
  });
});

test('is no request while an address is incomplete', () => {
  const address = { address: '10.0.0.5', gateway: '', nameServers: '' };
  const draft = { ...emptyDraft, ...choose(target, machine), addresses: { nic0: address } };
  expect(requestOf('restore', 'b1', draft)).toBeUndefined();
  const whole = {
    ...draft,
    addresses: { nic0: { ...address, address: '10.0.0.5/24' }, nic1: 'dhcp' as const },
  };
  expect(requestOf('restore', 'b1', whole)?.options?.addresses).toEqual({
    nic0: '10.0.0.5/24',
    nic1: 'dhcp',
  });
});

test('a rehearsal asks its twin, whether or not a restore would start the machine', () => {
  const draft = {
    ...emptyDraft,
    ...choose(target, machine),
    start: false,
    rehearse: true,
    hostname: 'web01',
  };
  expect(requestOf('rehearsal', 'b1', draft)).toMatchObject({
    kind: 'rehearsal',
    options: { rehearse: false, health: { hostname: 'web01' } },
  });
});
