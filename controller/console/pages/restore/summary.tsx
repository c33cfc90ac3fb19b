import type { BackupDetails } from '../../data/use-backups.ts';
import { useAgents } from '../../data/use-agents.ts';
import type { RunRequest } from '../../data/use-runs.ts';
import { duration } from '../../format/duration.ts';
import { FactList, type Fact } from '../../parts/facts.tsx';
import { Time } from '../../parts/time.tsx';
import { sourceNetworks } from './draft.ts';

interface SummaryProps {
  readonly backup: BackupDetails;
  readonly request: RunRequest;
}

export function Summary({ backup, request }: SummaryProps) {
  const { data: agents = [] } = useAgents();
  const agent = agents.find(({ id }) => id === request.target.agentId);
  const {
    name,
    networks = {},
    addresses = {},
    start = true,
    rehearse = false,
    health,
  } = request.options ?? {};
  const { firmware, targetOptions = {} } = request.options ?? {};
  const rehearsal = request.kind === 'rehearsal';
  const mapped = sourceNetworks(backup.machine).map((source): Fact => [
    `Network ${source}`,
    networks[source] ?? 'left to the target',
  ]);
  const addressed = Object.entries(addresses).map(([nic, address]): Fact => [
    `Address of ${nic}`,
    address === 'dhcp' ? 'by DHCP' : address.replaceAll(',', ', '),
  ]);
  const set = Object.entries(targetOptions).map(([option, value]): Fact => [option, String(value)]);
  return (
    <FactList
      facts={[
        ['Backup', `${backup.machineName}, ${backup.path}`],
        ['Captured', <Time key="at" at={backup.capturedAt} none="unknown" />],
        ['Target', request.target.name],
        ['Agent', agent ? `${agent.name} (${agent.siteName})` : request.target.agentId],
        ...(rehearsal ? [] : [['Name', name ?? `${backup.machineName} (its own)`] as const]),
        ...(firmware
          ? [['Firmware', `${firmware.toUpperCase()}, changed where it starts by the other`] as const]
          : []),
        ...mapped,
        ...addressed,
        ...set,
        ...(rehearsal
          ? [['Must be seen', healthText(health)] as const]
          : [
              ['Rehearsal', rehearse ? 'first; the target is touched only after it' : 'none'] as const,
              ['Start', start ? 'yes' : 'no, it is left off'] as const,
              ...(start
                ? [['Health checks', `${healthText(health)}, within ${limitOf(health)}`] as const]
                : []),
            ]),
      ]}
    />
  );
}

function healthText(health: NonNullable<RunRequest['options']>['health']): string {
  const { hostname, ping = [], tcp = [] } = health ?? {};
  return [
    hostname === undefined ? 'login prompt' : `login prompt of ${hostname}`,
    ...ping.map((address) => `ping ${address}`),
    ...tcp.map((address) => `TCP ${address}`),
  ].join(', ');
}

function limitOf(health: NonNullable<RunRequest['options']>['health']): string {
  return duration((health?.timeoutSeconds ?? 600) * 1000);
}
