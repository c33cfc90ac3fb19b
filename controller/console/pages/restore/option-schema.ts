/** A form's fields from the JSON Schema that a provider advertises; it names no platform. */

interface Described {
  readonly name: string;
  readonly label: string;
  readonly description: string;
}

export type OptionField = Described &
  (
    | { readonly type: 'text' | 'flag' }
    | { readonly type: 'choice'; readonly choices: readonly string[] }
    | { readonly type: 'number'; readonly min?: number; readonly max?: number }
  );

type Schema = Readonly<Record<string, unknown>>;

/**
 * A field for each option that a single restore may set: the agent advertises no others. The schema's defaults are not
 * shown: an option that is left alone stays as the target was set up. Types that no field can hold are left out.
 */
export function optionFields({ properties }: Schema): OptionField[] {
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) ? (fieldOf(name, property) ?? []) : [],
  );
}

function fieldOf(name: string, property: Schema): OptionField | undefined {
  const described = {
    name,
    label: textOr(property.title, asWords(name)),
    description: textOr(property.description, ''),
  };
  if (Array.isArray(property.enum)) {
    const choices = property.enum.filter((choice) => typeof choice === 'string');
    return { ...described, type: 'choice', choices };
  }
  switch (property.type) {
    case 'string':
      return { ...described, type: 'text' };
    case 'integer':
    case 'number':
      return { ...described, type: 'number', ...bounds(property) };
    case 'boolean':
      return { ...described, type: 'flag' };
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
