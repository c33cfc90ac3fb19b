/** Every phony Windows, made ready for every kind of target; what was written is taken for Windows by libguestfs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  convertFor,
  inspected,
  openEdition,
  writeSupplies,
  type Kind,
} from '../guests/windows-conversion.ts';
import { buildWindows } from '../guests/windows.ts';
import { editions } from '../guests/windows/editions.ts';

let disks: string;
let work: string;

beforeAll(async () => {
  disks = await buildWindows();
  work = await mkdtemp(path.join(tmpdir(), 'windows-matrix-'));
  await writeSupplies({ disks, work });
});

afterAll(() => rm(work, { recursive: true, force: true }));

/** Windows 7 and Server 2008 R2 have no driver for NVMe. */
const kindsOf = (build: number): Kind[] =>
  build < 9600 ? ['kvm', 'hyperv', 'azure', 'vmware'] : ['kvm', 'hyperv', 'azure', 'ec2', 'vmware'];

test.each(editions)(
  '$id is made ready for every kind, and its disk driver is proven',
  async ({ id, build, productName }) => {
    await using session = await openEdition({ disks, work }, id);
    const outcomes = await convertFor(session, id, kindsOf(build), { disks, work });
    for (const [kind, { proofs }] of Object.entries(outcomes)) {
      const storage = proofs.filter(({ about }) => about === 'storage');
      expect(storage.length, kind).toBeGreaterThan(0);
      for (const proof of storage) expect(proof, kind).toMatchObject({ holds: true });
    }
    expect(await inspected(session)).toEqual({ product: productName, arch: 'x86_64' });
  },
);
