import { Button, Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useAgents } from '../../data/use-agents.ts';
import { useMay } from '../../data/use-me.ts';
import {
  useEnableSchedule,
  useRemoveSchedule,
  useSchedules,
  type Schedule,
} from '../../data/use-schedules.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Time } from '../../parts/time.tsx';
import { ScheduleResult } from './schedule-result.tsx';
import { whatText, whenText } from './schedule-text.ts';

export function Schedules() {
  const query = useSchedules();
  const mayChange = useMay('operator');
  const add = mayChange && (
    <Button component={Link} to="/restore">
      Add schedule
    </Button>
  );
  return (
    <Page
      title="Schedules"
      about='Restores and rehearsals that happen by themselves. Prepare one as if you would run it now, and choose "Schedule it" at the review.'
      actions={add}
    >
      <Panel title="All schedules" flush>
        <Loaded query={query}>
          {(schedules) =>
            schedules.length === 0 ? (
              <Empty title="Nothing is scheduled" action={add}>
                A schedule restores or rehearses one backup, or the newest of a machine: at set times or once.
              </Empty>
            ) : (
              <ScheduleTable schedules={schedules} />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

function ScheduleTable({ schedules }: { readonly schedules: readonly Schedule[] }) {
  const mayChange = useMay('operator');
  const { data: agents = [] } = useAgents();
  const { mutate: enable, error } = useEnableSchedule();
  const [removing, setRemoving] = useState<Schedule>();
  return (
    <>
      <ProblemAlert error={error} />
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th visibleFrom="sm">When</Table.Th>
            <Table.Th>Next</Table.Th>
            <Table.Th visibleFrom="sm">Last</Table.Th>
            <Table.Th>Enabled</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {schedules.map((schedule) => (
            <Table.Tr key={schedule.id}>
              <Table.Td className="wrap">
                <Text fz="sm" fw={550}>
                  {schedule.name}
                </Text>
                <Text className="table-note">
                  {whatText(schedule)}, {agents.find(({ id }) => id === schedule.target.agentId)?.name}
                </Text>
              </Table.Td>
              <Table.Td visibleFrom="sm">{whenText(schedule)}</Table.Td>
              <Table.Td>
                <Time at={schedule.nextAt} />
              </Table.Td>
              <Table.Td visibleFrom="sm" className="wrap">
                <ScheduleResult schedule={schedule} />
              </Table.Td>
              <Table.Td>
                <Switch
                  aria-label={`${schedule.name} is enabled`}
                  checked={schedule.enabled}
                  disabled={!mayChange}
                  onChange={(event) => enable({ id: schedule.id, enabled: event.currentTarget.checked })}
                />
              </Table.Td>
              <Table.Td ta="right">
                {mayChange && (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={`Remove ${schedule.name}`}
                    onClick={() => setRemoving(schedule)}
                  >
                    Remove
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {removing && <RemoveSchedule schedule={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function RemoveSchedule(props: { readonly schedule: Schedule; readonly onClose: () => void }) {
  const { schedule, onClose } = props;
  const { mutate: remove, isPending, error } = useRemoveSchedule();
  return (
    <Confirm
      opened
      title={`Remove "${schedule.name}"?`}
      action="Remove schedule"
      pending={isPending}
      error={error}
      onConfirm={() => remove(schedule.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      The runs that it made stay.
    </Confirm>
  );
}
