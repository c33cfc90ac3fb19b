/** Categories become tags. A v4 VM has only their identifiers; GET /prism/v4.0/config/categories has their names. */
import { info } from '../../../proto/finding.ts';
import type { JsonNode } from '../../documents/json.ts';
import type { Description } from './description.ts';
import type { NodeFacts } from './facts.ts';
import { field } from './field.ts';

export interface Category {
  file: string;
  key: string;
  value: string;
  where: string;
}

/** By identifier. */
export type Categories = ReadonlyMap<string, Category>;

export function readCategories(nodes: readonly { node: JsonNode; file: string }[]): Categories {
  const byId = new Map<string, Category>();
  for (const { node, file } of nodes) {
    const id = field(node, 'extId').text();
    const key = field(node, 'key').text();
    if (id === undefined || key === undefined) continue;
    byId.set(id, { file, key, value: field(node, 'value').text() ?? '', where: node.where });
  }
  return byId;
}

export function tagsOf(
  { tags, categoryIds, file }: Description,
  categories: Categories,
  facts: NodeFacts,
): Record<string, string> {
  const found = new Map<string, string>();
  for (const { key, value, where } of tags) found.set(key, facts.noteAt(`tags.${key}`, value, { where }));
  let unnamed = 0;
  for (const id of categoryIds) {
    const category = categories.get(id.text() ?? '');
    if (!category) {
      unnamed += 1;
      continue;
    }
    const before = found.get(category.key);
    const value = before === undefined ? category.value : `${before}, ${category.value}`;
    found.set(category.key, value);
    facts.origins.note(`tags.${category.key}`, value, category.file, category.where);
  }
  if (unnamed > 0) {
    facts.findings.push(
      info(
        'machine.categories-unnamed',
        file,
        `The machine has ${unnamed} categories that ${file} knows by their identifiers only.`,
        'Lay the answer of GET /api/prism/v4.0/config/categories beside it to keep them as tags.',
      ),
    );
  }
  // Own properties, whatever a category is called.
  return Object.fromEntries(found);
}
