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
  const { name, networks = {}, start = true, health, targetOptions = {} } = request.options ?? {};
  const mapped = sourceNetworks(backup.machine).map((source): Fact => [
    `Network ${source}`,
    networks[source] ?? 'left to the target',
  ]);
  const set = Object.entries(targetOptions).map(([option, value]): Fact => [option, String(value)]);
  return (
    <FactList
      facts={[
        ['Backup', `${backup.machineName}, ${backup.path}`],
        ['Captured', <Time key="at" at={backup.capturedAt} none="unknown" />],
        ['Target', request.target.name],
        ['Agent', agent ? `${agent.name} (${agent.siteName})` : request.target.agentId],
        ['Name', name ?? `${backup.machineName} (its own)`],
        ...mapped,
        ...set,
        ['Start', start ? 'yes' : 'no, it is left off'],
        ...(start ? [['Health checks', healthText(health)] as const] : []),
      ]}
    />
  );
}

function healthText(health: NonNullable<RunRequest['options']>['health']): string {
  const { hostname, ping = [], tcp = [], timeoutSeconds = 600 } = health ?? {};
  return [
    hostname === undefined ? 'login prompt' : `login prompt of ${hostname}`,
    ...ping.map((address) => `ping ${address}`),
    ...tcp.map((address) => `TCP ${address}`),
    `within ${duration(timeoutSeconds * 1000)}`,
  ].join(', ');
}
