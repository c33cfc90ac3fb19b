/** A fact and the place that states it. */
import type { Origins } from '../origins.ts';
import type { Answer, Place } from './answer.ts';

export interface Fact<T> {
  value: T;
  place: Place;
}

export function fact<T>(value: T | undefined, place: Place): Fact<T> | undefined {
  return value === undefined ? undefined : { value, place };
}

export function textFact(answer: Answer): Fact<string> | undefined {
  return fact(answer.text(), answer);
}

/** Keeps where the fact came from, and hands its value on. */
export function keep<T>(origins: Origins, name: string, stated: Fact<T> | undefined): T | undefined {
  return stated && origins.note(name, stated.value, stated.place.file, stated.place.where);
}
