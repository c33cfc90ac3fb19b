/** A form's fields from the JSON Schema that a provider advertises; it names no platform. */

interface Described {
  readonly name: string;
  readonly label: string;
  readonly description: string;
}

export type OptionField = Described &
  (
    | { readonly type: 'text'; readonly placeholder: string }
    | { readonly type: 'choice'; readonly choices: readonly string[]; readonly placeholder: string }
    | { readonly type: 'number'; readonly placeholder: string; readonly min?: number; readonly max?: number }
    | { readonly type: 'flag'; readonly initially: boolean }
  );

type Schema = Readonly<Record<string, unknown>>;

/**
 * The options that a single restore may set. Where the schema says which by the annotation "perRestore" (a list of
 * property names), the others belong to whoever set the target up. Types that no field can hold are left out.
 */
export function optionFields(schema: Schema): OptionField[] {
  const { properties, perRestore } = schema;
  if (!isObject(properties)) return [];
  const names = Array.isArray(perRestore) ? perRestore : Object.keys(properties);
  return names.flatMap((name) => {
    const property: unknown = typeof name === 'string' ? properties[name] : undefined;
    return isObject(property) ? (fieldOf(String(name), property) ?? []) : [];
  });
}

function fieldOf(name: string, property: Schema): OptionField | undefined {
  const described = {
    name,
    label: textOr(property.title, asWords(name)),
    description: textOr(property.description, ''),
  };
  const placeholder = defaultText(property.default);
  if (Array.isArray(property.enum)) {
    const choices = property.enum.filter((choice) => typeof choice === 'string');
    return { ...described, type: 'choice', choices, placeholder };
  }
  switch (property.type) {
    case 'string':
      return { ...described, type: 'text', placeholder };
    case 'integer':
    case 'number':
      return { ...described, type: 'number', placeholder, ...bounds(property) };
    case 'boolean':
      return { ...described, type: 'flag', initially: property.default === true };
    default:
      return undefined;
  }
}

function bounds({ minimum, maximum }: Schema): { min?: number; max?: number } {
  return {
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : {}),
  };
}

/** "consoleLogDir" as "Console log dir". */
function asWords(name: string): string {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defaultText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : "As the target's";
}
