/** A fact at the place of an answer that states it. */
import { fact as factAt, type Fact } from '../origins.ts';
import type { Answer, Place } from './answer.ts';

export function fact<T>(value: T | undefined, { file, where }: Place): Fact<T> | undefined {
  return factAt(value, file, where);
}

export function textFact(answer: Answer): Fact<string> | undefined {
  return fact(answer.text(), answer);
}
