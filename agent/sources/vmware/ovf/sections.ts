/** The sections of an OVF, as elements of their own (1.0 and later) or as `Section` elements with a type (0.9). */
import type { XmlElement } from '../../../documents/xml.ts';

/** Sections of one kind, e.g. `DiskSection`, in either spelling. */
export function sectionsOf(parent: XmlElement, kind: string): XmlElement[] {
  return parent.children.filter((child) => child.name === kind || typeOf(child, 'Section') === kind);
}

/** What `<Section xsi:type="ovf:DiskSection_Type">` is: `DiskSection`. */
export function typeOf(element: XmlElement, name: string): string | undefined {
  if (element.name !== name) return undefined;
  const type = element.attribute('xsi:type') ?? element.attribute('type') ?? '';
  return type.slice(type.indexOf(':') + 1).replace(/_Type$/, '');
}
