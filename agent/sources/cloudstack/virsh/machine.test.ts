import { expect, it } from 'vitest';
import {
  DATA,
  documents,
  DOMBLKLIST,
  DOMIFLIST,
  DOMINFO,
  domainXml,
  readAll,
  ROOT,
  UUID,
} from '../fixtures.ts';
import { recognisePrinted } from './printed.ts';

const recognised = (text: string) => recognisePrinted(documents({ 'dominfo.xml': text })[0]!);
const NAMES = { 'dominfo.xml': DOMINFO, 'domiflist.xml': DOMIFLIST, 'domblklist.xml': DOMBLKLIST };

it('reads a machine from what virsh printed, where its domain XML is missing', () => {
  const { machines } = readAll(NAMES);
  expect(machines).toHaveLength(1);
  expect(machines[0]?.machine).toMatchObject({
    name: 'i-2-33-VM',
    sourceId: UUID,
    cpu: { count: 4 },
    memoryBytes: 4n << 30n,
    disks: [
      { id: 'vda', boot: true },
      { id: 'sda', boot: false },
    ],
    nics: [{ mac: '02:00:4c:5f:00:01', model: 'virtio', network: 'breth1-511', vlan: 511 }],
  });
  expect(machines[0]?.diskReferences.get('sda')?.names).toContain(DATA);
  expect(machines[0]?.origins.of('disks.vda.label')).toEqual({ file: 'domblklist.xml', key: 'Source' });
  expect(machines[0]?.findings.map(({ code }) => code)).toEqual(['machine.summary-only']);
});

it('reads the table of --details, and leaves CD-ROMs out', () => {
  const details = ` Type   Device   Target   Source
------------------------------------------------
 file   disk     vda      /mnt/a pool/${ROOT}
 file   cdrom    hdc      /mnt/pool/x.img
`;
  const { machines } = readAll({ 'dominfo.xml': DOMINFO, 'domblklist.xml': details });
  expect(machines[0]?.machine.disks).toMatchObject([{ id: 'vda', label: `/mnt/a pool/${ROOT}` }]);
});

it('finds no fault with what virsh printed of the same domain', () => {
  const { machines } = readAll({ 'domain-config.xml': domainXml(), ...NAMES });
  expect(machines).toHaveLength(1);
  expect(machines[0]?.from).toBe('domain-config.xml');
  expect(machines[0]?.findings).toEqual([]);
});

it.each([
  [
    'fewer processors',
    { 'dominfo.xml': DOMINFO.replace('CPU(s):         4', 'CPU(s):         2') },
    'machine.contradiction',
  ],
  ['less memory', { 'dominfo.xml': DOMINFO.replace('4194304 KiB', '1048576 KiB') }, 'machine.contradiction'],
  ['another disk', { 'domblklist.xml': DOMBLKLIST.replace(' sda ', ' sdb ') }, 'disk.contradiction'],
])('tells of %s than the domain XML has', (_what, files, code) => {
  const { machines } = readAll({ 'domain-config.xml': domainXml(), ...files });
  expect(machines[0]?.findings.map(({ code }) => code)).toEqual([code]);
});

it('lists a domain that is not the one of the XML', () => {
  const other = DOMINFO.replace(UUID, '00000000-0000-4000-8000-000000000000').replace(
    'i-2-33-VM',
    'i-2-99-VM',
  );
  const { machines } = readAll({ 'domain-config.xml': domainXml(), 'dominfo.xml': other });
  expect(machines.map(({ machine }) => machine.name)).toEqual(['i-2-33-VM', 'i-2-99-VM']);
});

it('knows each by its content', () => {
  expect(recognised(DOMINFO)?.role).toBe('machine');
  expect(recognised(DOMIFLIST)?.role).toBe('part');
  expect(recognised(DOMBLKLIST)?.role).toBe('part');
  for (const text of [
    '',
    'Name: x\nUUID: y\n',
    ' Target Source\nvda x\n',
    '\0\0Name: x',
    'a:'.repeat(100_000),
  ]) {
    expect(recognised(text)).toBeUndefined();
  }
});
