/**
 * The envelope of an OVF descriptor: what it packs and which systems it describes. Sections are elements of their own
 * (DSP0243 1.0 to 2.1) or `Section` and `Content` elements with a type (0.9).
 */
import type { XmlElement } from '../../../documents/xml.ts';
import type { Document } from '../../../documents/document.ts';
import { propertiesOf } from './properties.ts';
import { sectionsOf, typeOf } from './sections.ts';

export interface Envelope {
  readonly root: XmlElement;
  /** By ovf:id. */
  readonly files: ReadonlyMap<string, XmlElement>;
  /** By ovf:diskId. */
  readonly disks: ReadonlyMap<string, XmlElement>;
  /** Of the product sections of the package as a whole. */
  readonly properties: ReadonlyMap<string, string>;
  /** The virtual machines, in the order of the document, from all nested collections. */
  readonly systems: readonly XmlElement[];
}

/** undefined where the document is no OVF descriptor. */
export function envelopeOf({ body }: Document): Envelope | undefined {
  const root = body.kind === 'xml' ? body.roots.find(isEnvelope) : undefined;
  if (!root) return undefined;
  const files = root.child('References')?.childrenNamed('File') ?? [];
  const disks = sectionsOf(root, 'DiskSection').flatMap((section) => section.childrenNamed('Disk'));
  return {
    root,
    files: byAttribute(files, 'id'),
    disks: byAttribute(disks, 'diskId'),
    properties: propertiesOf(root),
    systems: systemsIn(root),
  };
}

/** A SOAP answer has an envelope too, of another namespace. */
function isEnvelope({ name, uri }: XmlElement): boolean {
  return name === 'Envelope' && /\/ovf\/(envelope\/)?\d|\/ovf\/\d\/envelope/.test(uri);
}

/** Collections may hold collections: the parser bounds how deep, so this ends. */
function systemsIn(parent: XmlElement): XmlElement[] {
  return parent.children.flatMap((child) => {
    const kind = typeOf(child, 'Content') ?? child.name;
    if (kind === 'VirtualSystem') return [child];
    return kind === 'VirtualSystemCollection' ? systemsIn(child) : [];
  });
}

function byAttribute(elements: readonly XmlElement[], name: string): Map<string, XmlElement> {
  return new Map(elements.map((element) => [element.attribute(name) ?? '', element]));
}
