import { expect, it } from 'vitest';
import type { RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import { stepsOf } from './itinerary.ts';

const options = { networks: {}, addresses: {}, start: true, targetOptionsJson: '' };
const restore: RestoreOrder = { runId: 'r', backup: undefined, target: 'lab', options };
const itinerary = (change: Partial<RestoreOrder>) => stepsOf({ ...restore, ...change }).join(' ');

it('rehearses before it deploys, where that was asked for', () => {
  expect(itinerary({})).toBe('analyse validate convert deploy');
  const withRehearsal = { options: { ...options, rehearse: true } };
  expect(itinerary(withRehearsal)).toBe('analyse validate convert rehearse deploy');
});

it('ends after the rehearsal, where nothing else was ordered', () => {
  const rehearsal = 'analyse validate convert rehearse';
  expect(itinerary({ rehearsalOnly: true })).toBe(rehearsal);
  expect(itinerary({ rehearsalOnly: true, options: { ...options, rehearse: false } })).toBe(rehearsal);
});
