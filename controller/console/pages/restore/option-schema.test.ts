import { expect, test } from 'vitest';
import { optionFields } from './option-schema.ts';

test('makes a field of each type that a form can hold', () => {
  const properties = {
    diskPool: { type: 'string', default: 'default', description: 'Where disks go.' },
    size: { type: 'integer', minimum: 1, maximum: 64 },
    verify: { type: 'boolean', default: true, title: 'Compare afterwards' },
    bus: { enum: ['fast', 'safe'] },
    tags: { type: 'array' },
  };
  expect(optionFields({ type: 'object', properties })).toEqual([
    { name: 'diskPool', label: 'Disk pool', description: 'Where disks go.', type: 'text' },
    { name: 'size', label: 'Size', description: '', type: 'number', min: 1, max: 64 },
    { name: 'verify', label: 'Compare afterwards', description: '', type: 'flag' },
    { name: 'bus', label: 'Bus', description: '', type: 'choice', choices: ['fast', 'safe'] },
  ]);
});

test('a schema without properties has no fields', () => {
  expect(optionFields({})).toEqual([]);
});
