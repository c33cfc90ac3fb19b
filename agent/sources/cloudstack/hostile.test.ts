import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../../proto/errors.ts';
import { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { openDocument } from '../../documents/document.ts';
import { DOMBLKLIST, DOMIFLIST, DOMINFO, domainXml, VIRTUAL_MACHINE, VOLUMES } from './fixtures.ts';
import { cloudstack } from './index.ts';

const SEEDS = [
  domainXml(),
  `<node>${domainXml()}${domainXml({ name: 'web02', uuid: 'x' })}</node>`,
  JSON.stringify({ listvirtualmachinesresponse: { virtualmachine: [VIRTUAL_MACHINE] } }),
  JSON.stringify(VOLUMES),
  DOMINFO,
  DOMIFLIST,
  DOMBLKLIST,
];

/** Recognised and read as the pipeline does, and encoded as for the wire. */
function readWhole(contents: Buffer[], paths: string[]): void {
  try {
    const opened = contents.map((content, index) => openDocument(`f${index}`, content));
    const known = opened.filter((document) => {
      const recognition = cloudstack.recognise(document);
      return recognition !== undefined && recognition.role !== 'other';
    });
    cloudstack.recogniseLayout?.(paths);
    const { machines } = cloudstack.read({ documents: known, paths }, {});
    for (const { machine, diskReferences } of machines) {
      Machine.decode(Machine.encode(machine).finish());
      const ids = machine.disks.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(machine.disks.filter(({ boot }) => boot)).toHaveLength(Math.min(1, ids.length));
      expect(ids.filter((id) => !diskReferences.has(id))).toEqual([]);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(AscendError);
  }
}

const cut = fc.record({
  seed: fc.constantFrom(...SEEDS),
  at: fc.nat(4000),
  drop: fc.nat(40),
  put: fc.string({ maxLength: 20 }),
});

it('reads any mutation of good files, together with any names, or says what is wrong', () => {
  const mutated = cut.map(({ seed, at, drop, put }) => {
    const place = at % (seed.length + 1);
    return Buffer.from(seed.slice(0, place) + put + seed.slice(place + drop));
  });
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('root.a.qcow2', '2026.01.02.03.04.05/root.a.qcow2', 'backup.xml', '/', '..'),
  );
  fc.assert(fc.property(fc.array(mutated, { maxLength: 4 }), fc.array(name), readWhole), { numRuns: 300 });
});

it('reads any bytes, or says what is wrong', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, (content) => readWhole([content], [])),
    { numRuns: 300 },
  );
});

it('reads JSON with any value in any place, or says what is wrong', () => {
  const keys = fc.constantFrom(
    ...Object.keys(VIRTUAL_MACHINE),
    ...Object.keys(VOLUMES[0]!),
    '__proto__',
    'constructor',
  );
  const wild = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(wild, wild, (vm, volume) => {
      const answer = {
        virtualmachine: [{ ...VIRTUAL_MACHINE, ...vm }],
        volume: [{ ...VOLUMES[0], ...volume }],
      };
      readWhole([Buffer.from(JSON.stringify(answer))], []);
    }),
    { numRuns: 300 },
  );
});

it('reads numbers beyond every bound, names of controls and 10,000 disks', () => {
  const huge = '9'.repeat(400);
  const disks = Array.from(
    { length: 10_000 },
    () => `<disk><source file='/a'/><target dev='vda' bus='virtio'/></disk>`,
  );
  const devices = `${disks.join('')}<interface><mac address='&#x9;'/><vlan><tag id='${huge}'/></vlan>
    <address type='pci' bus='0x${'f'.repeat(400)}' slot='${huge}'/></interface>`;
  const wild = { name: '&#x9;&#x202E;gpj.exe', memory: `<memory unit='EiB'>${huge}</memory>`, devices };
  readWhole([Buffer.from(domainXml({ ...wild, vcpu: `<vcpu current='${huge}'>${huge}</vcpu>` }))], []);
});
