import { NumberInput, Select, Stack, TextInput } from '@mantine/core';
import type { OptionField } from './option-schema.ts';

type Options = Readonly<Record<string, unknown>>;

interface ProviderOptionsProps {
  readonly fields: readonly OptionField[];
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}

/** A field for each option that the target's provider advertises. What is left alone stays as the target has it. */
export function ProviderOptions({ fields, options, onChange }: ProviderOptionsProps) {
  function set(name: string, value: unknown): void {
    const { [name]: _before, ...others } = options;
    onChange(value === undefined ? others : { ...others, [name]: value });
  }
  return (
    <Stack>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={options[field.name]}
          onChange={(value) => set(field.name, value)}
        />
      ))}
    </Stack>
  );
}

interface FieldProps {
  readonly field: OptionField;
  readonly value: unknown;
  /** Undefined: as the target has it. */
  readonly onChange: (value: unknown) => void;
}

function Field({ field, value, onChange }: FieldProps) {
  const { label, description } = field;
  const shown = { label, description, placeholder: 'As the target is set up' };
  switch (field.type) {
    case 'flag':
      return (
        <Select
          {...shown}
          data={['yes', 'no']}
          clearable
          value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : null}
          onChange={(next) => onChange(next === null ? undefined : next === 'yes')}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...shown}
          min={field.min}
          max={field.max}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shown}
          data={[...field.choices]}
          clearable
          value={typeof value === 'string' ? value : null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case 'text':
      return (
        <TextInput
          {...shown}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
  }
}
