import { Button, Grid, Stack } from '@mantine/core';
import { IconRestore, IconTestPipe } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import { usePlatformTitle } from '../../data/use-agents.ts';
import { useBackup, type BackupDetails } from '../../data/use-backups.ts';
import { useMay } from '../../data/use-me.ts';
import { bytes } from '../../format/bytes.ts';
import { Empty } from '../../parts/empty.tsx';
import { FactList } from '../../parts/facts.tsx';
import { Findings } from '../../parts/findings.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { DiskTable } from './disk-table.tsx';
import { MachineFacts } from './machine-facts.tsx';
import { NicTable } from './nic-table.tsx';

export function BackupPage() {
  const { id = '' } = useParams();
  const query = useBackup(id);
  const mayRestore = useMay('operator');
  const backup = query.data;
  return (
    <Page
      title={backup?.machineName ?? 'Backup'}
      crumbs={[{ label: 'Backups', to: '/backups' }]}
      beside={
        backup && (
          <StateBadge tone={backup.usable ? 'ok' : 'bad'}>
            {backup.usable ? 'Usable' : 'Not usable'}
          </StateBadge>
        )
      }
      actions={
        mayRestore &&
        backup?.usable && (
          <>
            <Button
              component={Link}
              to={`/restore?backup=${id}&kind=rehearsal`}
              variant="default"
              leftSection={<IconTestPipe size={17} aria-hidden />}
            >
              Rehearse
            </Button>
            <Button
              component={Link}
              to={`/restore?backup=${id}`}
              leftSection={<IconRestore size={17} aria-hidden />}
            >
              Restore
            </Button>
          </>
        )
      }
    >
      <Loaded query={query}>{(details) => <Details backup={details} />}</Loaded>
    </Page>
  );
}

function Details({ backup }: { readonly backup: BackupDetails }) {
  const { machine } = backup;
  const titleOf = usePlatformTitle();
  return (
    <Stack gap="lg">
      {backup.findings.length > 0 && (
        <Panel title="Findings">
          <Findings findings={backup.findings} />
        </Panel>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Panel title="Backup">
            <FactList
              facts={[
                ['Captured', <Time key="at" at={backup.capturedAt} none="Not stated" />],
                ['Newest file from', <Time key="files" at={backup.filesModifiedAt} none="Not known" />],
                ['Chain', chainOf(backup)],
                ['Stored', bytes(backup.storedBytes)],
                ['Disks', bytes(backup.diskBytes)],
                ['Platform', titleOf(backup.platform)],
                ['Agent', backup.agentName],
                ['Repository', backup.repository],
                [
                  'Path',
                  <span key="path" className="mono">
                    {backup.path}
                  </span>,
                ],
                [
                  'Identifier',
                  <span key="id" className="mono">
                    {backup.backupId || 'None: not a backup set'}
                  </span>,
                ],
              ]}
            />
          </Panel>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Panel title="Machine">
            {machine ? (
              <MachineFacts machine={machine} />
            ) : (
              <Empty title="The machine could not be read">The findings say why.</Empty>
            )}
          </Panel>
        </Grid.Col>
      </Grid>
      {machine && (
        <>
          <Panel title="Disks" flush>
            <DiskTable disks={machine.disks} />
          </Panel>
          <Panel title="NICs" flush>
            <NicTable nics={machine.nics} />
          </Panel>
        </>
      )}
    </Stack>
  );
}

function chainOf({ backupId, parentId }: BackupDetails): string {
  if (backupId === '') return 'Not stated';
  return parentId === null ? 'Full backup' : `Increment on ${parentId}`;
}
