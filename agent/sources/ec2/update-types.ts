#!/usr/bin/env node
/**
 * Takes what `aws ec2 describe-instance-types` answers into the table of instance types that ships with the agent:
 *
 *     aws ec2 describe-instance-types --region us-east-1 > types.json
 *     node agent/sources/ec2/update-types.ts types.json [more.json...] [--as-of 2026-10-27]
 *
 * A region answers only with what it offers; files of several regions may be given. Types that no file has stay as they are.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDocument } from '../../documents/document.ts';
import { contentsOf } from './documents.ts';
import { instanceTypeOf } from './instance-type.ts';
import { COLUMNS, readTable, rowOf, TABLE, type Row, type TypeTable } from './type-table.ts';

const ABOUT =
  'EC2 instance types as AWS states them in DescribeInstanceTypes, by the day of the answer. Days up to 2026-10-27 are from the recordings of the moto project (github.com/getmoto/moto, Apache-2.0). update-types.ts takes newer answers in.';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'as-of': { type: 'string' } },
});
const [first] = positionals;
if (first === undefined) throw new Error('Name a file with the answer of aws ec2 describe-instance-types.');
const day = values['as-of'] ?? statSync(first).mtime.toISOString().slice(0, 10);
if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`--as-of ${day} is not a day like 2026-10-27.`);

const rows = new Map(positionals.flatMap(rowsOf));
const table = withRows(readTable(), rows);
writeFileSync(TABLE, written(table));
console.log(`${rows.size} types as of ${day}; ${countOf(table)} in ${path.relative('.', TABLE.pathname)}`);

function rowsOf(file: string): [string, Row][] {
  const contents = contentsOf(openDocument(file, readFileSync(file)));
  const types = contents?.entries.filter(([kind]) => kind === 'type') ?? [];
  if (types.length === 0)
    throw new Error(`${file} holds no instance types: it is ${contents?.what ?? 'unknown'}.`);
  return types.map(([, entry]) => instanceTypeOf(entry)).map((type) => [type.name, rowOf(type)]);
}

/** A newer statement of a type replaces the older one. */
function withRows(table: TypeTable, fresh: Map<string, Row>): TypeTable {
  const days = new Map(
    Object.entries(table).map(([since, types]): [string, [string, Row][]] => [
      since,
      Object.entries(types).filter(([name]) => !fresh.has(name)),
    ]),
  );
  days.set(day, [...(days.get(day) ?? []), ...fresh]);
  const newestFirst = [...days]
    .filter(([, types]) => types.length > 0)
    .sort(([one], [other]) => compare(other, one));
  return Object.fromEntries(
    newestFirst.map(([since, types]) => [since, Object.fromEntries(types.sort(byName))]),
  );
}

/** By family, then from small to large. */
function byName([a, rowA]: [string, Row], [b, rowB]: [string, Row]): number {
  const families = compare(a.split('.')[0] ?? '', b.split('.')[0] ?? '');
  return families || (rowA[2] ?? 0) - (rowB[2] ?? 0) || compare(a, b);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A line for each type: a change of the table reads as a change of types. */
function written(table: TypeTable): string {
  const columns = COLUMNS.map((column) => `    ${JSON.stringify(column)}`).join(',\n');
  const parts = Object.entries(table).map(([since, types]) => {
    const lines = Object.entries(types).map(
      ([name, row]) => `    ${JSON.stringify(name)}: [${row.map((cell) => JSON.stringify(cell)).join(', ')}]`,
    );
    return `  ${JSON.stringify(since)}: {\n${lines.join(',\n')}\n  }`;
  });
  const head = [`  "about": ${JSON.stringify(ABOUT)}`, `  "columns": [\n${columns}\n  ]`];
  return `{\n${[...head, ...parts].join(',\n')}\n}\n`;
}

function countOf(table: TypeTable): number {
  return Object.values(table).reduce((sum, types) => sum + Object.keys(types).length, 0);
}
