import { Stack, Table, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { Run } from '../../data/use-runs.ts';
import { bytes } from '../../format/bytes.ts';
import { duration } from '../../format/duration.ts';
import { Panel } from '../../parts/panel.tsx';
import classes from './evidence.module.css';
import marked from './marked-list.module.css';

/** What proves that the machine works and that its disks are what the backup holds. Nothing before there is any. */
export function Evidence({ run }: { readonly run: Run }) {
  return (
    <>
      {run.healthChecks.length > 0 && <Health checks={run.healthChecks} />}
      {run.disks.length > 0 && <Disks disks={run.disks} />}
    </>
  );
}

// What ascend.v1.HealthCheckPassed names; a newer agent may know more.
const checkTitles: Readonly<Record<string, string>> = {
  'login-prompt': 'Login prompt',
  hostname: 'Host name',
  'guest-agent': 'Guest agent',
  ping: 'Ping',
  tcp: 'TCP connection',
};

function Health({ checks }: { readonly checks: Run['healthChecks'] }) {
  return (
    <Panel title="Health proof" aside={`${checks.length} passed`}>
      <ul className={marked.list}>
        {checks.map(({ check, subject, observed }) => (
          <li key={`${check} ${subject}`} data-tone="ok">
            <IconCircleCheck size={18} aria-hidden />
            <div>
              <Text fz="sm" fw={550} component="span">
                {checkTitles[check] ?? check}
              </Text>
              {subject !== '' && (
                <Text fz="sm" c="dimmed" component="span">
                  {' '}
                  {subject}
                </Text>
              )}
              {observed !== '' && <pre className={classes.output}>{observed}</pre>}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Disks({ disks }: { readonly disks: Run['disks'] }) {
  return (
    <Panel title="Disks written" flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Disk</Table.Th>
            <Table.Th>Written</Table.Th>
            <Table.Th visibleFrom="sm">Took</Table.Th>
            <Table.Th>Verified</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {disks.map((disk) => (
            <Table.Tr key={disk.diskId}>
              <Table.Td className="wrap">
                <span className="mono">{disk.diskId}</span>
                <Text className="table-note mono">{disk.location}</Text>
              </Table.Td>
              <Table.Td className="figure">
                {bytes(disk.writtenBytes)}
                <Text className="table-note">of {bytes(disk.sizeBytes)}</Text>
              </Table.Td>
              <Table.Td visibleFrom="sm" className="figure">
                <Stack gap={0}>
                  {duration(disk.durationMs)}
                  <Text className="table-note">
                    {bytes((disk.writtenBytes / Math.max(1, disk.durationMs)) * 1000)}/s
                  </Text>
                </Stack>
              </Table.Td>
              <Table.Td>{disk.verified === 'none' ? 'not compared' : disk.verified}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
