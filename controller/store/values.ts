/** The one place where values change between JavaScript and a column. */
import type { Flag, Instant, JsonText } from './tables.ts';

export function instant(date: Date): Instant {
  return date.toISOString();
}

export function flag(value: boolean): Flag {
  return value ? 1 : 0;
}

export function jsonText<T>(value: T): JsonText<T> {
  return JSON.stringify(value);
}

export function fromJsonText<T>(text: JsonText<T>): T {
  return JSON.parse(text) as T;
}
