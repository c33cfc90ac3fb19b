/** JSON as a hostile stranger wrote it: every value knows its place, and asking for what is not there is no error. */
import { AscendError } from '../../proto/errors.ts';
import { Allowance } from './allowance.ts';

/** Whole numbers beyond 2^53 are bigint, exactly as written. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

// Far deeper than any API's answer, and far less deep than what ends a recursive walk.
const MAX_DEPTH = 200;
// A thousand EC2 instances are 150,000 values. Two files of 280,000 took the process to 300 MB.
const MAX_VALUES = 200_000;

/** A value and its place, e.g. `Reservations[0].Instances[1].CpuOptions`. Absent values have a place too. */
export class JsonNode {
  readonly value: Json | undefined;
  /** For people and for `--explain`; "" for the document itself. */
  readonly where: string;

  constructor(value: Json | undefined, where = '') {
    this.value = value;
    this.where = where;
  }

  /** Whether the value is there and not null. */
  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The member of that name; names in a row go deeper. */
  get(...names: string[]): JsonNode {
    return names.reduce<JsonNode>((node, name) => {
      const { value } = node;
      const own = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return new JsonNode(own, node.where === '' ? name : `${node.where}.${name}`);
    }, this);
  }

  /** The first of these names that is there: APIs rename members between versions. */
  first(...names: string[]): JsonNode {
    return names.map((name) => this.get(name)).find(({ exists }) => exists) ?? this.get(names[0] ?? '');
  }

  /** Elements of a list; none where this is not one. */
  items(): JsonNode[] {
    const { value } = this;
    return Array.isArray(value)
      ? value.map((item, index) => new JsonNode(item, `${this.where}[${index}]`))
      : [];
  }

  /** Members of an object with their names; none where this is not one. */
  members(): [name: string, node: JsonNode][] {
    return isRecord(this.value) ? Object.keys(this.value).map((name) => [name, this.get(name)]) : [];
  }

  has(name: string): boolean {
    return isRecord(this.value) && Object.hasOwn(this.value, name);
  }

  /** A string, or a number as it is written; undefined for anything else and for "". */
  text(): string | undefined {
    const { value } = this;
    if (typeof value === 'string') return value === '' ? undefined : value;
    return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
  }

  /** A whole number, zero and up, also where it is written as a string of digits. */
  whole(): bigint | undefined {
    const { value } = this;
    if (typeof value === 'bigint') return value >= 0n ? value : undefined;
    if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? BigInt(value) : undefined;
    return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  }

  /** true or false, also where written as a string in any case. */
  flag(): boolean | undefined {
    const { value } = this;
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    if (/^true$/i.test(value)) return true;
    return /^false$/i.test(value) ? false : undefined;
  }
}

function isRecord(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws source.invalid with the place of what is wrong. */
export function parseJson(text: string, file: string, allowance = new Allowance()): JsonNode {
  const wrong = (why: string, cause?: unknown) =>
    new AscendError('source.invalid', `${file} is not valid JSON: ${why}.`, {
      context: { file },
      hint: 'Export the metadata again; the file may have been cut off or edited.',
      cause,
    });
  const { depth, values } = shapeOf(text);
  if (depth > MAX_DEPTH) throw wrong(`it is nested more than ${MAX_DEPTH} deep`);
  if (values > MAX_VALUES) throw wrong(`it has more than ${MAX_VALUES} values`);
  allowance.take(values, file);
  try {
    return new JsonNode(JSON.parse(text, MAY_BE_INEXACT.test(text) ? exactNumbers : undefined) as Json);
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
}

// Below 16 digits every whole number is exact; asked for each value, 200,000 of them cost some 80 MB.
const MAY_BE_INEXACT = /\d{16}/;

/** The third argument is the text of the value (ECMA-262, JSON.parse source text access). */
function exactNumbers(_key: string, value: Json, context?: { source?: string }): Json {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context?.source !== undefined && /^-?\d{1,40}$/.test(context.source)
    ? BigInt(context.source)
    : value;
}

/** Before the parser sees it: a reviver walks recursively, and a million brackets would end the process's stack. */
function shapeOf(text: string): { depth: number; values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      deepest = Math.max(deepest, ++depth);
      values++;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
    else if (code === COMMA) values++;
  }
  return { depth: deepest, values };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
