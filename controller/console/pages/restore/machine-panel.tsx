import { Checkbox, Select, Stack, TextInput } from '@mantine/core';
import type { Provider } from '../../data/use-agents.ts';
import type { Machine } from '../../data/use-backups.ts';
import type { RunKind } from '../../data/use-runs.ts';
import { Panel } from '../../parts/panel.tsx';
import { canRehearse, type Change, type Draft } from './draft.ts';
import { RehearseFirst } from './rehearse-first.tsx';

interface MachinePanelProps {
  readonly kind: RunKind;
  readonly machine: Machine | null;
  readonly provider: Provider | undefined;
  readonly draft: Draft;
  readonly change: Change;
}

/** What the machine becomes. A rehearsal makes none that would have a name or be left running. */
export function MachinePanel({ kind, machine, provider, draft, change }: MachinePanelProps) {
  return (
    <Panel title="Machine">
      <Stack>
        {kind === 'restore' && (
          <>
            <TextInput
              label="Name of the restored machine"
              placeholder={machine?.name}
              description={machine ? `Empty: its own name, ${machine.name}` : 'Empty: its own name'}
              maxLength={200}
              value={draft.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
            <Checkbox
              label="Start it and prove that it works"
              description="Otherwise it is made and left off"
              checked={draft.start}
              onChange={(event) => change({ start: event.currentTarget.checked })}
            />
            <RehearseFirst
              able={canRehearse(provider)}
              checked={draft.rehearse}
              onChange={(rehearse) => change({ rehearse })}
            />
          </>
        )}
        <Select
          label="Firmware"
          description="Another one than its own changes its boot loader: for Linux with GRUB 2 and room for it"
          data={[
            { value: 'own', label: ownFirmware(machine) },
            { value: 'bios', label: 'BIOS' },
            { value: 'uefi', label: 'UEFI' },
          ]}
          allowDeselect={false}
          value={draft.firmware ?? 'own'}
          onChange={(next) => change({ firmware: next === 'bios' || next === 'uefi' ? next : undefined })}
        />
      </Stack>
    </Panel>
  );
}

function ownFirmware(machine: Machine | null): string {
  const firmware = machine?.firmware ?? null;
  return firmware === null ? 'As it is' : `As it is: ${firmware.toUpperCase()}`;
}
