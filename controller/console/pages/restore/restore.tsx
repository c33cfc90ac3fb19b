import { Stepper } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useAgents } from '../../data/use-agents.ts';
import { useBackup, type Backup } from '../../data/use-backups.ts';
import type { RunKind } from '../../data/use-runs.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { BackupStep } from './backup-step.tsx';
import { emptyDraft, requestOf, type Draft } from './draft.ts';
import { MappingStep } from './mapping-step.tsx';
import { ReviewStep } from './review-step.tsx';
import { TargetStep } from './target-step.tsx';

/** The wizard of restores and rehearsals: backup, target, mapping, review. */
export function Restore() {
  const [parameters, setParameters] = useSearchParams();
  const backupId = parameters.get('backup') ?? undefined;
  const kind: RunKind = parameters.get('kind') === 'rehearsal' ? 'rehearsal' : 'restore';
  const [step, setStep] = useState(backupId === undefined ? 0 : 1);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const { data: backup, error } = useBackup(backupId);
  const { data: agents = [] } = useAgents();

  const agent = agents.find(({ id }) => id === backup?.agentId);
  const target = agent?.targets.find(({ name }) => name === draft.target?.name);
  const request = backup && requestOf(kind, backup.id, draft);
  const change = (news: Partial<Draft>) => setDraft((before) => ({ ...before, ...news }));

  function chooseBackup({ id }: Backup): void {
    setParameters(kind === 'restore' ? { backup: id } : { backup: id, kind }, { replace: true });
    setDraft(emptyDraft);
    setStep(1);
  }

  const reached = request ? 3 : target ? 2 : backup ? 1 : 0;
  const toReview = request && (() => setStep(3));
  return (
    <Page title={kind === 'restore' ? 'Restore a backup' : 'Rehearse a backup'} about={aboutOf(kind, backup)}>
      <ProblemAlert error={error} />
      <Stepper active={step} onStepClick={setStep} size="sm" iconSize={30} contentPadding="lg">
        <Stepper.Step {...named('Backup')}>
          <BackupStep chosen={backupId} onChoose={chooseBackup} />
        </Stepper.Step>
        <Stepper.Step {...named('Target')} allowStepSelect={reached >= 1}>
          {backup && agent && (
            <TargetStep
              kind={kind}
              backup={backup}
              agent={agent}
              chosen={target}
              change={change}
              onBack={() => setStep(0)}
              onNext={() => setStep(2)}
              onReview={toReview}
            />
          )}
        </Stepper.Step>
        <Stepper.Step {...named('Mapping and checks')} allowStepSelect={reached >= 2}>
          {backup && agent && target && (
            <MappingStep
              kind={kind}
              machine={backup.machine}
              provider={agent.targetKinds.find((each) => each.kind === target.kind)}
              target={target}
              draft={draft}
              change={change}
              onBack={() => setStep(1)}
              onNext={request && (() => setStep(3))}
            />
          )}
        </Stepper.Step>
        <Stepper.Step {...named('Review')} allowStepSelect={reached >= 3}>
          {backup && request && step === 3 && (
            <ReviewStep backup={backup} request={request} onBack={() => setStep(2)} />
          )}
        </Stepper.Step>
      </Stepper>
    </Page>
  );
}

/** On a phone only the marks are seen. */
function named(label: string) {
  return { label, title: label };
}

function aboutOf(kind: RunKind, backup: Backup | undefined): string | undefined {
  if (backup) return `${backup.machineName} from ${backup.repository}, ${backup.path}`;
  if (kind === 'restore') return undefined;
  return "The converted machine starts on the agent's host, on devices like the target's. Nothing is made on the target.";
}
