/** Properties of product sections, which sizes may refer to as `${key}` (DSP0243 2.1, sections 9.1 and 9.5). */
import type { XmlElement } from '../../../documents/xml.ts';
import { sectionsOf } from './envelope.ts';

/** The value of `key`, or of `class.key.instance`, in the product sections of the first of `scopes` that has it. */
export function propertyOf(key: string, scopes: readonly XmlElement[]): string | undefined {
  for (const section of scopes.flatMap((scope) => sectionsOf(scope, 'ProductSection'))) {
    const [before, after] = [section.attribute('class'), section.attribute('instance')];
    for (const property of section.childrenNamed('Property')) {
      const name = [before, property.attribute('key'), after].filter(Boolean).join('.');
      if (name === key || property.attribute('key') === key) return property.attribute('value');
    }
  }
  return undefined;
}
