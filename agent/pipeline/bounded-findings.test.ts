import { expect, it } from 'vitest';
import { block, info } from '../../proto/finding.ts';
import { boundedFindings } from './bounded-findings.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    info('nic.mac-missing', `nic${index}`, `NIC ${index}.`, 'Nothing.'),
  );

it('leaves what a person can read as it is', () => {
  expect(boundedFindings(many(100))).toEqual(many(100));
});

it('keeps the first of a code, says how many more there are, and keeps every other code', () => {
  const other = block('disk.missing', 'a', 'A.', 'B.');
  const grave = block('nic.mac-missing', 'x', 'X.', 'Y.');
  const bounded = boundedFindings([...many(28_000), other, grave]);
  expect(bounded).toHaveLength(102);
  expect(bounded[99]?.message).toBe('NIC 99. (And 27900 more like this.)');
  expect(bounded.slice(100)).toEqual([other, grave]);
});
