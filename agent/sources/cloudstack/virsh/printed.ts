/**
 * What `virsh dominfo`, `domiflist` and `domblklist` printed; CloudStack keeps it beside its backups under names that
 * end in .xml. Source: libvirt, tools/virsh-domain-monitor.c.
 */
import type { Document } from '../../../documents/document.ts';
import { decodeText } from '../../../documents/text.ts';
import type { Recognition } from '../../source.ts';
import { fieldsOf, rowsOf } from './table.ts';

export type Printed =
  | { kind: 'dominfo'; path: string; fields: Map<string, string> }
  | { kind: 'domiflist' | 'domblklist'; path: string; rows: Map<string, string>[] };

// A domain of a hundred disks prints some 10 KB.
const MAX_BYTES = 256 * 1024;

export function printedOf({ body, content, path }: Document): Printed | undefined {
  if (body.kind !== 'other' || content.length > MAX_BYTES || content.includes(0)) return undefined;
  const text = decodeText(content);
  const fields = fieldsOf(text);
  if (['name', 'uuid', 'cpu(s)', 'max memory'].every((name) => fields.has(name))) {
    return { kind: 'dominfo', path, fields };
  }
  const interfaces = rowsOf(text, ['interface', 'type', 'source', 'model', 'mac']);
  if (interfaces) return { kind: 'domiflist', path, rows: interfaces };
  const disks = rowsOf(text, ['target', 'source']);
  return disks && { kind: 'domblklist', path, rows: disks };
}

const WHAT: Readonly<Record<Printed['kind'], Recognition>> = {
  // With the name, processors and memory of a domain, it stands in for a domain XML that is not there.
  dominfo: { what: 'what "virsh dominfo" printed of a domain', role: 'machine' },
  domiflist: { what: 'what "virsh domiflist" printed of a domain', role: 'part' },
  domblklist: { what: 'what "virsh domblklist" printed of a domain', role: 'part' },
};

export function recognisePrinted(document: Document): Recognition | undefined {
  const printed = printedOf(document);
  return printed && WHAT[printed.kind];
}
