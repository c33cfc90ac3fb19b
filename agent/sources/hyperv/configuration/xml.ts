/** The XML of Windows Server 2008 R2 to 2012 R2: an element a key, its type in the attribute `type`. */
import type { XmlElement } from '../../../documents/xml.ts';
import { Key, type Value } from './key.ts';

export function isConfigurationXml(roots: readonly XmlElement[]): boolean {
  const [root] = roots;
  return (
    roots.length === 1 &&
    root?.name === 'configuration' &&
    root.child('properties', 'type_id') !== undefined &&
    (root.child('settings') !== undefined || root.child('manifest') !== undefined)
  );
}

/** The depth of elements is bounded where the XML is parsed. */
export function keyOfXml(element: XmlElement, parent?: Key): Key {
  const key = parent
    ? parent.add(element.name, valueOf(element))
    : new Key(element.name, undefined, valueOf(element));
  for (const child of element.children) keyOfXml(child, key);
  return key;
}

function valueOf({ attributes, text }: XmlElement): Value | undefined {
  switch (attributes.get('type')) {
    case 'string':
      return text;
    case 'integer':
      return /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
    case 'bool':
      if (/^true$/i.test(text)) return true;
      return /^false$/i.test(text) ? false : undefined;
    case 'bytes':
      return Buffer.from(text, 'base64');
    default:
      return undefined;
  }
}
