import { Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Provider, Target } from '../../data/use-agents.ts';
import type { Machine } from '../../data/use-backups.ts';
import { Panel } from '../../parts/panel.tsx';
import type { RunKind } from '../../data/use-runs.ts';
import { sourceNetworks, type Change, type Draft } from './draft.ts';
import { HealthFields } from './health-fields.tsx';
import { MachinePanel } from './machine-panel.tsx';
import { NicAddresses } from './nic-addresses.tsx';
import { optionFields } from './option-schema.ts';
import { ProviderOptions } from './provider-options.tsx';
import { StepButtons } from './step-buttons.tsx';

interface MappingStepProps {
  readonly kind: RunKind;
  readonly machine: Machine | null;
  readonly provider: Provider | undefined;
  readonly target: Target;
  readonly draft: Draft;
  readonly change: Change;
  readonly onBack: () => void;
  /** Undefined: something is incomplete. */
  readonly onNext: (() => void) | undefined;
}

export function MappingStep(props: MappingStepProps) {
  const { kind, machine, provider, target, draft, change, onBack, onNext } = props;
  const fields = optionFields(provider?.optionSchema ?? {});
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="lg">
          <MachinePanel kind={kind} machine={machine} provider={provider} draft={draft} change={change} />
          <Panel title="Networks">
            <Networks machine={machine} target={target} networks={draft.networks} change={change} />
            {kind === 'rehearsal' && (
              <Text fz="sm" c="dimmed" mt="sm">
                The twin has no network to anywhere: this is for what the target says about a restore.
              </Text>
            )}
          </Panel>
          <Panel title="Addresses">
            <NicAddresses
              machine={machine}
              addresses={draft.addresses}
              onChange={(addresses) => change({ addresses })}
            />
          </Panel>
          {fields.length > 0 && (
            <Panel title={`Options of ${provider?.title ?? target.name}`}>
              <ProviderOptions
                fields={fields}
                options={draft.targetOptions}
                onChange={(targetOptions) => change({ targetOptions })}
              />
            </Panel>
          )}
        </Stack>
        <Stack gap="lg">
          {(draft.start || kind === 'rehearsal') && (
            <Panel title={kind === 'restore' ? 'Health checks' : 'What must be seen'}>
              <HealthFields kind={kind} machine={machine} draft={draft} change={change} />
            </Panel>
          )}
        </Stack>
      </SimpleGrid>
      <StepButtons onBack={onBack} onNext={onNext} />
    </Stack>
  );
}

interface NetworksProps {
  readonly machine: Machine | null;
  readonly target: Target;
  readonly networks: Draft['networks'];
  readonly change: Change;
}

function Networks({ machine, target, networks, change }: NetworksProps) {
  const sources = sourceNetworks(machine);
  if (sources.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        The backup names no network, so there is nothing to map.
      </Text>
    );
  }
  return (
    <Stack>
      {sources.map((source) => (
        <Select
          key={source}
          label={source}
          description={nicsOn(machine, source)}
          placeholder="Left to the target"
          data={target.networks}
          clearable
          value={networks[source] ?? null}
          onChange={(chosen) => {
            const { [source]: _before, ...others } = networks;
            change({ networks: chosen === null ? others : { ...others, [source]: chosen } });
          }}
        />
      ))}
    </Stack>
  );
}

/** Which NICs a source network is about: "ethernet0 (00:50:56:..., 192.0.2.10/24)". */
function nicsOn(machine: Machine | null, network: string): string {
  const nics = machine?.nics.filter((nic) => nic.network === network) ?? [];
  return nics
    .map(({ id, mac, addresses }) => {
      const known = [mac, ...addresses].filter((fact) => fact !== null);
      return known.length > 0 ? `${id} (${known.join(', ')})` : id;
    })
    .join('; ');
}
