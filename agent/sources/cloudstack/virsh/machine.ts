/** A machine from what virsh printed of it, where its domain XML is not there. */
import { warn } from '../../../../proto/finding.ts';
import {
  Firmware,
  GuestFamily,
  type Disk,
  type Machine,
  type Nic,
} from '../../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../../source.ts';
import { vlanOfBridge } from '../bridge.ts';
import { Facts } from '../../facts.ts';
import { macFindings, macOf } from '../../mac.ts';
import { bytesOf, countOf, wholeOf } from '../../quantities.ts';
import type { Printed } from './printed.ts';

export type Overview = Extract<Printed, { kind: 'dominfo' }>;
export type Table = Exclude<Printed, Overview>;

/** `tables`: what was printed of the same domain. */
export function machineOf(overview: Overview, tables: readonly Table[]): SourcedMachine {
  const facts = new Facts(overview.path);
  const { fields } = overview;
  const count = facts.note('cpu.count', countOf(wholeOf(fields.get('cpu(s)'))), 'CPU(s)');
  const machine: Machine = {
    name: facts.name(fields.get('name'), 'Name'),
    platform: 'cloudstack',
    sourceId: facts.note('sourceId', uuidOf(overview), 'UUID'),
    guest: { family: GuestFamily.UNSPECIFIED },
    cpu: { count },
    memoryBytes: facts.note('memoryBytes', memoryOf(overview), 'Max memory'),
    firmware: Firmware.UNSPECIFIED,
    disks: tables
      .filter(({ kind }) => kind === 'domblklist')
      .slice(0, 1)
      .flatMap((table) => disksOf(table, facts)),
    nics: tables
      .filter(({ kind }) => kind === 'domiflist')
      .slice(0, 1)
      .flatMap((table) => nicsOf(table, facts)),
    tags: {},
  };
  const message = `${machine.name} is described by what virsh printed alone: firmware and the buses of its disks are not in it.`;
  const remedy = 'Put its domain-config.xml ("virsh dumpxml") beside the disks, if there is one.';
  facts.findings.push(warn('machine.summary-only', facts.file, message, remedy));
  return facts.of(machine);
}

export function uuidOf({ fields }: Overview): string | undefined {
  return fields.get('uuid')?.toLowerCase() || undefined;
}

/** virsh prints KiB, whatever the domain XML says. */
export function memoryOf({ fields }: Overview): bigint | undefined {
  const kibibytes = /^(\d{1,18}) KiB$/.exec(fields.get('max memory') ?? '')?.[1];
  return bytesOf(wholeOf(kibibytes), 1024n);
}

/** As libvirt holds them, which is the order in which it boots them. Without --details, a CD-ROM shows by its source. */
export function disksOf(table: Table, shared: Facts): Disk[] {
  const facts = shared.in(table.path);
  return disksIn(table).map(({ target, source }, index) => {
    facts.refer(target, source, source.slice(source.lastIndexOf('/') + 1));
    return {
      id: target,
      label: facts.note(`disks.${target}.label`, source, 'Source'),
      boot: facts.note(`disks.${target}.boot`, index === 0, 'Target'),
    };
  });
}

export function disksIn(table: Table): { target: string; source: string }[] {
  const seen = new Set<string>();
  return table.rows.flatMap((row) => {
    const target = row.get('target') ?? '';
    const source = row.get('source') ?? '';
    const isDisk = (row.get('device') ?? 'disk') === 'disk' && /^(?!fd)[a-z0-9]{2,16}$/.test(target);
    if (!isDisk || source === '-' || source === '' || /\.iso$/i.test(source) || seen.has(target)) return [];
    seen.add(target);
    return [{ target, source }];
  });
}

function nicsOf(table: Table, shared: Facts): Nic[] {
  const facts = shared.in(table.path);
  return table.rows.map((row, index) => {
    const id = `net${index}`;
    const note = <T>(fact: string, value: T, column: string) =>
      facts.note(`nics.${id}.${fact}`, value, column);
    facts.findings.push(...macFindings(id, row.get('mac'), facts.file));
    const cell = (column: string) => [row.get(column)].find((text) => text !== '' && text !== '-');
    const network = note('network', cell('source'), 'Source');
    return {
      id,
      mac: note('mac', macOf(cell('mac')), 'MAC'),
      model: note('model', cell('model'), 'Model'),
      network,
      vlan: note('vlan', vlanOfBridge(network), 'Source'),
      addresses: [],
      guestNames: [],
    };
  });
}
