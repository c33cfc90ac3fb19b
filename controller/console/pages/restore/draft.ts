import type { Provider, Target } from '../../data/use-agents.ts';
import type { Machine } from '../../data/use-backups.ts';
import type { RunKind, RunRequest } from '../../data/use-runs.ts';
import { addressText, isComplete, type NicAddress } from './nic-address.ts';

/** A restore or a rehearsal while a person is still deciding. */
export interface Draft {
  readonly target: { readonly agentId: string; readonly name: string } | undefined;
  /** Empty: the machine's own. */
  readonly name: string;
  /** Network of the source to one of the target; a network that is missing is left to the target. */
  readonly networks: Readonly<Record<string, string>>;
  /** NIC to its address; one that is missing keeps its own. */
  readonly addresses: Readonly<Record<string, NicAddress>>;
  /** Undefined: as it is. */
  readonly firmware: NonNullable<RunRequest['options']>['firmware'];
  readonly start: boolean;
  readonly rehearse: boolean;
  readonly ping: readonly string[];
  readonly tcp: readonly string[];
  readonly hostname: string;
  readonly timeoutSeconds: number;
  readonly targetOptions: Readonly<Record<string, unknown>>;
}

export type Change = (change: Partial<Draft>) => void;

export const emptyDraft: Draft = {
  target: undefined,
  name: '',
  networks: {},
  addresses: {},
  firmware: undefined,
  start: true,
  rehearse: false,
  ping: [],
  tcp: [],
  hostname: '',
  timeoutSeconds: 600,
  targetOptions: {},
};

/** The networks that the machine's NICs are on, each once. */
export function sourceNetworks(machine: Machine | null): string[] {
  return [...new Set(machine?.nics.flatMap(({ network }) => network ?? []))];
}

/** What follows from a target before anything is said: a network of the same name is most likely the same network. */
export function choose(target: Target, machine: Machine | null): Partial<Draft> {
  const shared = sourceNetworks(machine).filter((network) => target.networks.includes(network));
  return {
    target: { agentId: target.agentId, name: target.name },
    networks: Object.fromEntries(shared.map((network) => [network, network])),
    targetOptions: {},
  };
}

/** Whether the agent can start machines in a twin of such targets. */
export function canRehearse(provider: Provider | undefined): boolean {
  return provider?.abilities.includes('rehearse') ?? false;
}

/** @returns undefined until a target is chosen and every address is complete. */
export function requestOf(kind: RunKind, backupId: string, draft: Draft): RunRequest | undefined {
  const { target } = draft;
  const addresses = Object.entries(draft.addresses);
  if (!target || !addresses.every(([, address]) => isComplete(address))) return undefined;
  const start = draft.start || kind === 'rehearsal';
  const name = draft.name.trim();
  const hostname = draft.hostname.trim();
  const health = {
    timeoutSeconds: draft.timeoutSeconds,
    ping: [...draft.ping],
    tcp: [...draft.tcp],
    ...(hostname === '' ? {} : { hostname }),
  };
  return {
    kind,
    backupId,
    target: { ...target },
    options: {
      networks: { ...draft.networks },
      addresses: Object.fromEntries(addresses.map(([nic, address]) => [nic, addressText(address)])),
      start,
      rehearse: draft.rehearse && kind === 'restore',
      targetOptions: { ...draft.targetOptions },
      ...(name === '' ? {} : { name }),
      ...(draft.firmware === undefined ? {} : { firmware: draft.firmware }),
      ...(start ? { health } : {}),
    },
  };
}
