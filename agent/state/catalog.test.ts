import { beforeEach, expect, it } from 'vitest';
import type { BackupEntry, CatalogPosition, CatalogUpdate } from '../../proto/gen/ascend/v1/link.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { Catalog } from './catalog.ts';
import { openDatabase } from './database.ts';

let stateDir: string;
let catalog: Catalog;

beforeEach(async () => {
  stateDir = await temporaryFolder('catalog');
  catalog = new Catalog(openDatabase(stateDir));
});

function entry(name: string, machineName = name): BackupEntry {
  const ref = { repository: 'nas', path: name, backupId: '' };
  return { ref, platform: 'p', machineName, parentId: '', storedBytes: 1n, diskBytes: 2n, findings: [] };
}

function see(name: string, signature = '1', seen: BackupEntry | 'no backup' = entry(name)): void {
  const observed = seen === 'no backup' ? undefined : seen;
  catalog.record([{ repository: 'nas', path: name, signature, entry: observed }]);
}

/** What a controller with this position is told, until there is no more. */
function tell(held: CatalogPosition | undefined): {
  told: string[];
  position: CatalogPosition;
  updates: CatalogUpdate[];
} {
  let position = catalog.resume(held);
  const updates: CatalogUpdate[] = [];
  for (;;) {
    const update = catalog.changesAfter(position);
    if (update.upserts.length + update.removed.length === 0) break;
    updates.push(update);
    position = update.position ?? position;
  }
  const told = updates.flatMap(({ upserts, removed }) => [
    ...upserts.map(({ machineName }) => `+${machineName}`),
    ...removed.map((gone) => `-${gone.path}`),
  ]);
  return { told, position, updates };
}

it('tells everything from scratch, then the difference alone', () => {
  see('a');
  see('b');
  const first = tell(undefined);
  expect(first.told).toEqual(['+a', '+b']);
  catalog.confirm(first.position);
  see('c');
  see('a', '2', entry('a', 'a2'));
  catalog.forget('nas', ['b']);
  expect(tell(first.position).told).toEqual(['+c', '+a2', '-b']);
});

it('tells nothing of a backup that was looked at again and is the same', () => {
  see('a', '1');
  const { position } = tell(undefined);
  see('a', '2');
  expect(tell(position).told).toEqual([]);
  expect(catalog.known('nas')).toEqual(new Map([['a', '2']]));
});

it('remembers what is no backup, and never tells it', () => {
  see('notes', '1', 'no backup');
  expect(catalog.known('nas')).toEqual(new Map([['notes', '1']]));
  expect(tell(undefined).told).toEqual([]);
});

it('takes back what is no backup any more, and once only', () => {
  see('a');
  const first = tell(undefined);
  see('a', '2', 'no backup');
  const second = tell(first.position);
  expect(second.told).toEqual(['-a']);
  catalog.confirm(second.position);
  expect(tell(second.position).told).toEqual([]);
  see('a', '3');
  expect(tell(second.position).told).toEqual(['+a']);
});

it('goes on after the batch that was acknowledged last, in the same lineage', () => {
  for (let index = 0; index < 450; index += 1) see(`m${index}`);
  const { updates } = tell(undefined);
  expect(updates.map(({ upserts }) => upserts.length)).toEqual([200, 200, 50]);
  expect(tell(updates[0]?.position).told).toHaveLength(250);
});

it('keeps a batch far below the limit of the wire', () => {
  for (let index = 0; index < 10; index += 1) {
    see(`m${index}`, '1', { ...entry(`m${index}`), platform: 'x'.repeat(300_000) });
  }
  expect(tell(undefined).updates.map(({ upserts }) => upserts.length)).toEqual([3, 3, 3, 1]);
});

it('begins from scratch for a controller that knows another lineage', () => {
  see('a');
  const { position } = tell({ lineage: 'other', revision: 7n, whole: true });
  expect(position.revision).toBe(1n);
});

it.each([
  ['is ahead, since this host was put back to an older state', 99n],
  ['was put back to an older state itself, from before something was forgotten here', 1n],
])('begins another lineage for a controller that %s', (_, revision) => {
  see('a');
  see('b');
  catalog.forget('nas', ['a']);
  const { position } = tell(undefined);
  catalog.confirm(position);
  const again = tell({ ...position, revision });
  expect(again.told).toEqual(['+b']);
  expect(again.position.lineage).not.toBe(position.lineage);
});

it('calls nothing gone that it has not looked for yet', () => {
  see('a');
  expect(tell(undefined).position.whole).toBe(false);
  catalog.complete();
  expect(tell(undefined).position.whole).toBe(true);
});

it('is the same after a restart', () => {
  see('a');
  catalog.complete();
  const { position } = tell(undefined);
  catalog.confirm(position);
  catalog = new Catalog(openDatabase(stateDir));
  expect(tell(position)).toEqual({ told: [], position, updates: [] });
});

it('says when there is something to tell', () => {
  let changes = 0;
  using _listening = catalog.onChange(() => (changes += 1));
  see('a');
  see('a', '2');
  catalog.forget('nas', ['a']);
  expect(changes).toBe(2);
});
