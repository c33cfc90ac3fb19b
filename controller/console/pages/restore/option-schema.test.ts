import { expect, test } from 'vitest';
import { optionFields } from './option-schema.ts';

const properties = {
  uri: { type: 'string' },
  diskPool: { type: 'string', default: 'default', description: 'Where disks go.' },
  size: { type: 'integer', minimum: 1, maximum: 64 },
  verify: { type: 'boolean', default: true, title: 'Compare afterwards' },
  bus: { enum: ['fast', 'safe'] },
  tags: { type: 'array' },
};

test('makes a field of each type that a form can hold', () => {
  expect(optionFields({ properties })).toEqual([
    { name: 'uri', label: 'Uri', description: '', type: 'text', placeholder: "As the target's" },
    {
      name: 'diskPool',
      label: 'Disk pool',
      description: 'Where disks go.',
      type: 'text',
      placeholder: 'default',
    },
    {
      name: 'size',
      label: 'Size',
      description: '',
      type: 'number',
      placeholder: "As the target's",
      min: 1,
      max: 64,
    },
    { name: 'verify', label: 'Compare afterwards', description: '', type: 'flag', initially: true },
    {
      name: 'bus',
      label: 'Bus',
      description: '',
      type: 'choice',
      choices: ['fast', 'safe'],
      placeholder: "As the target's",
    },
  ]);
});

test('offers only what a single restore may set, where the schema says so', () => {
  const fields = optionFields({ properties, perRestore: ['diskPool', 'no-such'] });
  expect(fields.map(({ name }) => name)).toEqual(['diskPool']);
});

test('a schema without properties has no fields', () => {
  expect(optionFields({})).toEqual([]);
});
