import { Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Machine } from '../../data/use-backups.ts';
import type { Draft } from './draft.ts';
import { noAddress, problemsOf, type NicAddress, type StaticAddress } from './nic-address.ts';

interface NicAddressesProps {
  readonly machine: Machine | null;
  readonly addresses: Draft['addresses'];
  readonly onChange: (addresses: Draft['addresses']) => void;
}

const choices = [
  { value: 'keep', label: 'Keeps its own' },
  { value: 'dhcp', label: 'By DHCP' },
  { value: 'static', label: 'Another address' },
];

/** The address of each NIC in the restored machine. */
export function NicAddresses({ machine, addresses, onChange }: NicAddressesProps) {
  const nics = machine?.nics ?? [];
  if (nics.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        The backup names no NIC: the guest keeps its addresses.
      </Text>
    );
  }
  return (
    <Stack>
      {nics.map((nic) => (
        <NicFields
          key={nic.id}
          nic={nic}
          chosen={addresses[nic.id]}
          onChange={(chosen) => {
            const { [nic.id]: _before, ...others } = addresses;
            onChange(chosen === undefined ? others : { ...others, [nic.id]: chosen });
          }}
        />
      ))}
    </Stack>
  );
}

interface NicFieldsProps {
  readonly nic: Machine['nics'][number];
  /** Undefined: it keeps its own. */
  readonly chosen: NicAddress | undefined;
  readonly onChange: (chosen: NicAddress | undefined) => void;
}

function NicFields({ nic, chosen, onChange }: NicFieldsProps) {
  const how = chosen === undefined ? 'keep' : chosen === 'dhcp' ? 'dhcp' : 'static';
  return (
    <Stack gap="xs">
      <Select
        label={nic.id}
        description={aboutNic(nic)}
        data={choices}
        allowDeselect={false}
        disabled={nic.mac === null}
        value={how}
        onChange={(next) => onChange(next === 'keep' ? undefined : next === 'dhcp' ? next : noAddress)}
      />
      {chosen !== undefined && chosen !== 'dhcp' && (
        <StaticFields nicId={nic.id} address={chosen} onChange={onChange} />
      )}
    </Stack>
  );
}

interface StaticFieldsProps {
  readonly nicId: string;
  readonly address: StaticAddress;
  readonly onChange: (address: StaticAddress) => void;
}

function StaticFields({ nicId, address, onChange }: StaticFieldsProps) {
  const problems = problemsOf(address);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const field = (name: keyof StaticAddress, label: string, placeholder: string) => ({
    label,
    'aria-label': `${label} of ${nicId}`,
    placeholder,
    value: address[name],
    // Nobody is told off while still typing.
    error: left.has(name) && problems[name],
    onBlur: () => setLeft((before) => new Set([...before, name])),
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...address, [name]: event.currentTarget.value }),
  });
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xs">
      <TextInput {...field('address', 'Address', '10.0.0.5/24')} />
      <TextInput {...field('gateway', 'Gateway', 'None')} />
      <TextInput {...field('nameServers', 'Name servers', 'None')} />
    </SimpleGrid>
  );
}

function aboutNic({ mac, network, addresses }: Machine['nics'][number]): string {
  if (mac === null) return 'It keeps its own: without a MAC address it cannot be told apart in the guest.';
  return [network, mac, ...addresses].filter((fact) => fact !== null).join(', ');
}
