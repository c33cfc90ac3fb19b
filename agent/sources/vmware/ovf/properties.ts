/** Properties of product sections, which sizes may refer to as `${key}` (DSP0243 2.1, sections 9.1 and 9.5). */
import type { XmlElement } from '../../../documents/xml.ts';
import { sectionsOf } from './sections.ts';

/** Values by `key`, and by `class.key.instance` where the section has those; the first of a name wins. */
export function propertiesOf(scope: XmlElement): Map<string, string> {
  const values = new Map<string, string>();
  for (const section of sectionsOf(scope, 'ProductSection')) {
    const [before, after] = [section.attribute('class'), section.attribute('instance')];
    for (const property of section.childrenNamed('Property')) {
      const key = property.attribute('key');
      const value = property.attribute('value') ?? '';
      for (const name of [key, [before, key, after].filter(Boolean).join('.')]) {
        if (name !== undefined && !values.has(name)) values.set(name, value);
      }
    }
  }
  return values;
}
