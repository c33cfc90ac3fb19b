import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDatabase } from './database.ts';
import { openProven } from './proven.ts';

const stateDir = () => temporaryFolder('proven');

it('remembers across processes what one verification has proven, and no other one', async () => {
  const folder = await stateDir();
  openProven(openDatabase(folder), 'run:1').record('sha256:disk@1', 'aa');
  const again = openDatabase(folder);
  expect(openProven(again, 'run:1').recall('sha256:disk@1')).toBe('aa');
  expect(openProven(again, 'run:2').recall('sha256:disk@1')).toBeUndefined();
});

it('forgets all of it when the verification has ended', async () => {
  const database = openDatabase(await stateDir());
  const ended = openProven(database, 'run:1');
  ended.record('sha256:disk@1', 'aa');
  openProven(database, 'run:2').record('sha256:disk@1', 'bb');
  ended.forget();
  expect(ended.recall('sha256:disk@1')).toBeUndefined();
  expect(openProven(database, 'run:2').recall('sha256:disk@1')).toBe('bb');
});
