import { Group, Radio, Stack, Text } from '@mantine/core';
import type { Agent, Target } from '../../data/use-agents.ts';
import type { BackupDetails } from '../../data/use-backups.ts';
import { Empty } from '../../parts/empty.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { choose, type Change } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';
import classes from './target-step.module.css';

interface TargetStepProps {
  readonly backup: BackupDetails;
  /** The one that sees the backup: it also writes to the target. */
  readonly agent: Agent;
  readonly chosen: Target | undefined;
  readonly change: Change;
  readonly onBack: () => void;
  readonly onNext: () => void;
  readonly onReview: (() => void) | undefined;
}

export function TargetStep({ backup, agent, chosen, change, onBack, onNext, onReview }: TargetStepProps) {
  const { targets } = agent;
  return (
    <Stack>
      {agent.state === 'offline' && (
        <Notice tone="warn" title={`Agent ${agent.name} is out of contact`}>
          <Text fz="sm">
            It sees this backup, so only it can restore it. It cannot be asked for findings now; a run that
            you start waits until it is back.
          </Text>
        </Notice>
      )}
      <Panel title={`Where to? Targets of ${agent.name}`}>
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
                  title={agent.targetKinds.find(({ kind }) => kind === target.kind)?.title ?? target.kind}
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

function TargetCard({ target, title }: { readonly target: Target; readonly title: string }) {
  const networks = target.networks.length;
  return (
    <Radio.Card value={target.name} className={classes.card} aria-label={target.name}>
      <Group wrap="nowrap" align="flex-start">
        <Radio.Indicator mt={2} />
        <div>
          <Group gap="xs">
            <Text fw={550}>{target.name}</Text>
            {!target.reachable && <StateBadge tone="bad">Not reachable</StateBadge>}
          </Group>
          <Text fz="sm" c="dimmed">
            {title}, {networks === 1 ? '1 network' : `${networks} networks`}
          </Text>
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
