/** The table of instance types that ships with the agent, for backups without a DescribeInstanceTypes answer. */
import { readFileSync } from 'node:fs';
import type { BootMode, Hypervisor, InstanceType } from './instance-type.ts';

const FILE = 'instance-types.json';
export const TABLE = new URL(FILE, import.meta.url);

/** The columns of a row, as the file has them. */
export const COLUMNS = [
  'cores',
  'threadsPerCore',
  'memoryMiB',
  'hypervisor',
  'architectures',
  'bootModes',
  'ena',
  'nics',
  'disks',
  'disksShareSlots',
  'instanceStoreDisks',
  'nitroTpm',
] as const;

export type Row = [
  cores: number | null,
  threadsPerCore: number | null,
  memoryMiB: number | null,
  hypervisor: Hypervisor | null,
  /** Words in a row, so that a type is a line. */
  architectures: string | null,
  /** "bios" is legacy-bios. */
  bootModes: string | null,
  ena: boolean | null,
  nics: number | null,
  disks: number | null,
  disksShareSlots: boolean | null,
  instanceStoreDisks: number | null,
  nitroTpm: boolean | null,
];

/** The parts of the table by the day that they were stated, the newest first: types that are gone stay as they were. */
export type TypeTable = Record<string, Record<string, Row>>;

let known: ReadonlyMap<string, InstanceType> | undefined;

/** Undefined for a type that the table does not have. */
export function knownType(name: string): InstanceType | undefined {
  known ??= readTypes(readTable());
  return known.get(name);
}

/** The day of its newest part, e.g. "2026-10-27". */
export function tableDate(): string {
  return Object.keys(readTable())[0] ?? 'unknown';
}

export function readTable(): TypeTable {
  const text = readFileSync(TABLE, 'utf8');
  const parts = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(parts.filter(([key]) => /^\d/.test(key))) as TypeTable;
}

function readTypes(table: TypeTable): Map<string, InstanceType> {
  return new Map(
    Object.entries(table).flatMap(([day, rows]) =>
      Object.entries(rows).map(([name, row]): [string, InstanceType] => [name, typeOf(name, row, day)]),
    ),
  );
}

export function rowOf(type: InstanceType): Row {
  return [
    type.cores ?? null,
    type.threadsPerCore ?? null,
    type.memoryMiB ?? null,
    type.hypervisor ?? null,
    type.architectures?.join(' ') ?? null,
    type.bootModes?.map((mode) => (mode === 'uefi' ? 'uefi' : 'bios')).join(' ') ?? null,
    type.ena ?? null,
    type.nics ?? null,
    type.disks ?? null,
    type.disksShareSlots ?? null,
    type.instanceStoreDisks ?? null,
    type.nitroTpm ?? null,
  ];
}

function typeOf(name: string, row: Row, day: string): InstanceType {
  const [cores, threads, memory, hypervisor, architectures, modes, ena, nics, disks, share, stores, tpm] =
    row;
  return {
    name,
    place: { file: FILE, where: `${name} (as of ${day})` },
    cores: cores ?? undefined,
    threadsPerCore: threads ?? undefined,
    memoryMiB: memory ?? undefined,
    hypervisor: hypervisor ?? undefined,
    architectures: architectures?.split(' '),
    bootModes: modes?.split(' ').map((mode): BootMode => (mode === 'uefi' ? 'uefi' : 'legacy-bios')),
    ena: ena ?? undefined,
    nics: nics ?? undefined,
    disks: disks ?? undefined,
    disksShareSlots: share ?? undefined,
    instanceStoreDisks: stores ?? undefined,
    nitroTpm: tpm ?? undefined,
  };
}
