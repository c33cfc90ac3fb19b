import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { TargetStore } from './targets.ts';

const lab = { name: 'lab', kind: 'kvm', options: { pool: 'default', nested: [1, null] } };

it('gives back what it was given, in the order of the names, in a new process too', () => {
  const database = new Database(':memory:');
  const store = new TargetStore(database);
  store.add(lab);
  store.add({ ...lab, name: 'dc2' });
  expect(new TargetStore(database).list().map(({ name }) => name)).toEqual(['dc2', 'lab']);
  expect(new TargetStore(database).get('lab')).toEqual(lab);
});

it('refuses a name that is taken, and leaves the one that has it as it is', () => {
  const store = new TargetStore(new Database(':memory:'));
  store.add(lab);
  expect(() => store.add({ ...lab, options: {} })).toThrow(
    expect.objectContaining({ code: 'already-exists' }),
  );
  expect(store.list()).toEqual([lab]);
});

it('removes a target, and says what there is where a name is not known', () => {
  const store = new TargetStore(new Database(':memory:'));
  const unknown = (hint: string) => expect.objectContaining({ code: 'not-found', hint }) as Error;
  expect(() => store.get('lab')).toThrow(unknown('Add one first: ascend-agent target add --help'));
  store.add(lab);
  expect(() => store.remove('lap')).toThrow(unknown('It has: lab.'));
  store.remove('lab');
  expect(store.list()).toEqual([]);
});
