import { NumberInput, Stack, TagsInput, TextInput } from '@mantine/core';
import type { Machine } from '../../data/use-backups.ts';
import type { RunKind } from '../../data/use-runs.ts';
import type { Change, Draft } from './draft.ts';

interface HealthFieldsProps {
  readonly kind: RunKind;
  readonly machine: Machine | null;
  readonly draft: Draft;
  readonly change: Change;
}

/** Asked beside the login prompt, which a started machine must show in any case. */
export function HealthFields({ kind, machine, draft, change }: HealthFieldsProps) {
  const addresses = [...new Set(machine?.nics.flatMap((nic) => nic.addresses.map(withoutPrefix)))];
  return (
    <Stack>
      <TextInput
        label="Host name at the login prompt"
        description="Empty: any login prompt will do"
        value={draft.hostname}
        onChange={(event) => change({ hostname: event.currentTarget.value })}
      />
      <TagsInput
        label="Addresses that must answer a ping"
        description={
          kind === 'restore'
            ? "From the agent's host; Enter adds one"
            : "The guest's own, within the twin; Enter adds one"
        }
        data={addresses}
        value={[...draft.ping]}
        onChange={(ping) => change({ ping })}
      />
      <TagsInput
        label="TCP ports that must accept a connection"
        description="As address:port; Enter adds one"
        data={addresses.flatMap((address) => [`${bracketed(address)}:22`, `${bracketed(address)}:443`])}
        value={[...draft.tcp]}
        onChange={(tcp) => change({ tcp })}
      />
      {kind === 'restore' && (
        <NumberInput
          label="Time limit"
          description="Until every check has passed"
          suffix=" s"
          min={1}
          max={86_400}
          allowDecimal={false}
          value={draft.timeoutSeconds}
          onChange={(value) => change({ timeoutSeconds: Number(value) || 600 })}
        />
      )}
    </Stack>
  );
}

function withoutPrefix(address: string): string {
  return address.replace(/\/\d+$/, '');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
