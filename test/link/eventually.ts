import { vi } from 'vitest';

/** Waits until an expectation holds. Generous: the machine may be busy emulating a guest. */
export function eventually<T>(expectation: () => T): Promise<T> {
  return vi.waitFor(expectation, { timeout: 15_000, interval: 5 });
}
