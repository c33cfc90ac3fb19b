import { Group, Radio, Stack, Text } from '@mantine/core';
import type { Agent, Provider, Target } from '../../data/use-agents.ts';
import type { BackupDetails } from '../../data/use-backups.ts';
import type { RunKind } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { canRehearse, choose, type Change } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';
import classes from './target-step.module.css';

interface TargetStepProps {
  readonly kind: RunKind;
  readonly backup: BackupDetails;
  /** The one that sees the backup: it also writes to the target. */
  readonly agent: Agent;
  readonly chosen: Target | undefined;
  readonly change: Change;
  readonly onBack: () => void;
  readonly onNext: () => void;
  readonly onReview: (() => void) | undefined;
}

export function TargetStep({
  kind,
  backup,
  agent,
  chosen,
  change,
  onBack,
  onNext,
  onReview,
}: TargetStepProps) {
  const { targets } = agent;
  return (
    <Stack>
      {agent.state === 'offline' && (
        <Notice tone="warn" title={`Agent ${agent.name} is out of contact`}>
          <Text fz="sm">
            It sees this backup, so only it can {kind === 'restore' ? 'restore' : 'rehearse'} it. It cannot be
            asked for findings now; a run that you start waits until it is back.
          </Text>
        </Notice>
      )}
      <Panel
        title={`${kind === 'restore' ? 'Where to?' : 'On hardware like whose?'} Targets of ${agent.name}`}
      >
        {targets.length === 0 ? (
          <Empty title="This agent has no target">
            Add one on its host: <code>ascend-agent target add</code>. It appears here by itself.
          </Empty>
        ) : (
          <Radio.Group
            aria-label="Target"
            value={chosen?.name ?? ''}
            onChange={(name) => {
              const target = targets.find((each) => each.name === name);
              if (target) change(choose(target, backup.machine));
            }}
          >
            <Stack gap="sm">
              {targets.map((target) => (
                <TargetCard
                  key={target.name}
                  target={target}
                  provider={agent.targetKinds.find((each) => each.kind === target.kind)}
                  kind={kind}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
      </Panel>
      <StepButtons onBack={onBack} onNext={chosen && onNext} onReview={onReview} />
    </Stack>
  );
}

interface TargetCardProps {
  readonly target: Target;
  readonly provider: Provider | undefined;
  readonly kind: RunKind;
}

function TargetCard({ target, provider, kind }: TargetCardProps) {
  const networks = target.networks.length;
  const tooOld = kind === 'rehearsal' && !canRehearse(provider);
  return (
    <Radio.Card value={target.name} className={classes.card} aria-label={target.name} disabled={tooOld}>
      <Group wrap="nowrap" align="flex-start">
        <Radio.Indicator mt={2} />
        <div>
          <Group gap="xs">
            <Text fw={550}>{target.name}</Text>
            {!target.reachable && <StateBadge tone="bad">Not reachable</StateBadge>}
          </Group>
          <Text fz="sm" c="dimmed">
            {provider?.title ?? target.kind}, {networks === 1 ? '1 network' : `${networks} networks`}
          </Text>
          {tooOld && <Text fz="sm">The agent is too old to rehearse: upgrade it.</Text>}
          {target.problem !== null && (
            <Text fz="sm" className="wrap">
              {target.problem}
            </Text>
          )}
        </div>
      </Group>
    </Radio.Card>
  );
}
