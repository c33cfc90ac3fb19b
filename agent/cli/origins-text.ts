/** Where each fact of a machine came from, for `--explain`. */
import type { MachineJson } from '../../proto/machine-json.ts';
import type { Origins } from '../sources/origins.ts';
import { bytesText } from './shell.ts';

export function originsJson(origins: Origins): Record<string, { file: string; key: string }> {
  return Object.fromEntries(origins.entries());
}

/** One line a fact: its name, its value, the file and the key. */
export function originsText(machine: MachineJson, origins: Origins): string {
  const facts = origins
    .entries()
    .map(([fact, { file, key }]) => [fact, valueOf(machine, fact), `${file}: ${key}`]);
  const widths = [0, 1].map((column) => Math.max(0, ...facts.map((cells) => cells[column]?.length ?? 0)));
  return facts
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

const MAX_VALUE = 60;

function valueOf(machine: MachineJson, fact: string): string {
  const value = memberOf(machine, fact);
  if (value === undefined) return '';
  if (typeof value === 'number' && fact.endsWith('Bytes')) return `${bytesText(value)} (${value})`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}...` : text;
}

/** `disks.scsi0:0.sizeBytes`: the part after the list is the id of one of its members, which may hold dots. */
function memberOf(machine: MachineJson, fact: string): unknown {
  const [list = '', ...rest] = fact.split('.');
  if (list !== 'disks' && list !== 'nics') return propertyOf(propertyOf(machine, list), rest.join('.'));
  const member = rest.at(-1) ?? '';
  const id = rest.slice(0, -1).join('.');
  const found = machine[list].find((candidate) => candidate.id === id);
  return propertyOf(found, member);
}

function propertyOf(value: unknown, name: string): unknown {
  if (name === '') return value;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
