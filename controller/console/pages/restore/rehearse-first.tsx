import { Switch } from '@mantine/core';

interface RehearseFirstProps {
  readonly able: boolean;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** The switch of every restore, with what it means and what it costs. */
export function RehearseFirst({ able, checked, onChange }: RehearseFirstProps) {
  return (
    <Switch
      label="Rehearse before the target is touched"
      description={
        able
          ? "The converted machine starts in QEMU on the agent's host first, on devices like the target's, without " +
            'a network to anywhere. Where that fails, nothing is made. It costs one more start of the machine: ' +
            'a minute or two, up to twelve without hardware virtualisation.'
          : 'The agent is too old for that: upgrade it.'
      }
      disabled={!able}
      checked={able && checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
