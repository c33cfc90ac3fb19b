import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDatabase, type AgentDatabase } from './database.ts';
import { openJournal } from './journal.ts';

let folder: string;
let database: AgentDatabase;
beforeEach(async () => {
  folder = await temporaryFolder('journal');
  database = openDatabase(folder);
});

it('recalls what was recorded, and the token of what was intended, in a new process too', () => {
  const journal = openJournal(database, 'run-1');
  journal.intend('volume', { name: 'web01-disk0', size: 1 });
  journal.record('disk.scsi0:0', ['a', null, true, 1.5]);
  database.close();
  const again = openJournal(openDatabase(folder), 'run-1');
  expect(again.intended('volume')).toEqual({ name: 'web01-disk0', size: 1 });
  expect(again.recall('disk.scsi0:0')).toEqual(['a', null, true, 1.5]);
});

it('knows nothing before it is told, not even of a key of the other kind or of another run', () => {
  const journal = openJournal(database, 'run-1');
  journal.intend('volume', 1);
  expect(journal.recall('volume')).toBeUndefined();
  expect(journal.intended('disk')).toBeUndefined();
  expect(openJournal(database, 'run-2').intended('volume')).toBeUndefined();
});

it('tells null and false from nothing', () => {
  const journal = openJournal(database, 'run-1');
  journal.record('null', null);
  journal.record('false', false);
  expect([journal.recall('null'), journal.recall('false'), journal.recall('gone')]).toEqual([
    null,
    false,
    undefined,
  ]);
});

it('replaces a token that is given again', () => {
  const journal = openJournal(database, 'run-1');
  journal.intend('volume', 'old');
  journal.intend('volume', 'new');
  expect(journal.intended('volume')).toBe('new');
});
