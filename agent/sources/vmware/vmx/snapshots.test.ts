import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDocument } from '../../../documents/document.ts';
import { vmware } from '../index.ts';
import { parseSettings } from './settings.ts';
import { snapshotFindings } from './snapshots.ts';

const VMSD = `.encoding = "UTF-8"
snapshot.lastUID = "3"
snapshot.current = "2"
snapshot0.uid = "1"
snapshot0.displayName = "before update"
snapshot0.createTimeHigh = "388745"
snapshot0.createTimeLow = "1991180826"
snapshot.numSnapshots = "3"
snapshot1.uid = "2"
snapshot1.parent = "1"
snapshot1.displayName = "after|22update"
snapshot1.createTimeHigh = "388801"
snapshot1.createTimeLow = "-814770620"
snapshot2.uid = "3"
snapshot2.parent = "1"
snapshot2.displayName = "another try"
`;

const findingsOf = (text: string) =>
  snapshotFindings(parseSettings(Buffer.from(text), 'web01.vmsd'), 'web01.vmsd');

it('names the snapshots that the VM is based on, with their times, and counts other branches', () => {
  expect(findingsOf(VMSD)).toMatchObject([{ code: 'machine.snapshots', subject: 'web01.vmsd' }]);
  // The second time's low half is negative: 388801 * 2^32 + (2^32 - 814770620) microseconds.
  expect(findingsOf(VMSD)[0]?.message).toBe(
    'The VM had 3 snapshots (web01.vmsd): "before update" of 2022-11-28 15:24 UTC, then "after\\"update" of 2022-12-01 10:37 UTC. 1 more lie on other branches.',
  );
});

it('says nothing where no snapshot is left', () => {
  expect(findingsOf('.encoding = "UTF-8"\nsnapshot.lastUID = "7"\n')).toEqual([]);
});

it('comes to an end where snapshots are parents of each other, and where times are beyond all dates', () => {
  const circle = VMSD.replace('snapshot0.displayName', 'snapshot0.parent = "2"\nsnapshot0.displayName');
  expect(findingsOf(circle)).toHaveLength(1);
  const late = VMSD.replace('"388801"', '"9999999999"');
  expect(findingsOf(late)[0]?.message).toContain('then "after\\"update".');
});

it('belongs to the VMX beside it', () => {
  const open = (file: string, text: string) => openDocument(file, Buffer.from(text));
  const vmsd = open('a/web01.vmsd', VMSD);
  expect(vmware.recognise(vmsd)).toMatchObject({ role: 'part' });
  const read = (...names: string[]) => {
    const all = names.map((name) => open(name, `config.version = "8"\ndisplayName = "${name}"\n`));
    return vmware.read({ documents: [...all, vmsd], paths: [] }, {});
  };
  const codes = (reading: ReturnType<typeof read>) =>
    reading.machines.map(({ findings }) => findings.map(({ code }) => code));
  expect(codes(read('a/web02.vmx', 'a/web01.vmx'))).toEqual([[], ['machine.snapshots']]);
  expect(codes(read('b/web01.vmx', 'a/renamed.vmx'))).toEqual([[], ['machine.snapshots']]);
  expect(read('b/web01.vmx').findings).toMatchObject([{ code: 'machine.snapshots' }]);
  expect(read()).toMatchObject({ machines: [], findings: [{ code: 'machine.snapshots' }] });
});

it('that cannot be read is said, and stands in nobody’s way', () => {
  const broken = openDocument('web01.vmsd', Buffer.from(VMSD.replace('UTF-8', 'klingon')));
  const vmx = openDocument('web01.vmx', Buffer.from('config.version = "8"\n'));
  const [machine] = vmware.read({ documents: [vmx, broken], paths: [] }, {}).machines;
  expect(machine?.findings).toMatchObject([{ code: 'metadata.unreadable', subject: 'web01.vmsd' }]);
});

it('makes findings of any mutation of a good file, or says source.invalid', () => {
  const values = fc.constantFrom('', '"', '-', '9', '\n', '=', 'snapshot0.uid', '99999999999');
  const property = fc.property(fc.nat(VMSD.length), fc.nat(12), values, (at, cut, put) => {
    try {
      expect(findingsOf(VMSD.slice(0, at) + put + VMSD.slice(at + cut)).length).toBeLessThan(2);
    } catch (error) {
      expect(error).toMatchObject({ code: 'source.invalid' });
    }
  });
  fc.assert(property, { numRuns: 500 });
});
