import { Stepper } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useAgents } from '../../data/use-agents.ts';
import { useBackup, type Backup } from '../../data/use-backups.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { BackupStep } from './backup-step.tsx';
import { emptyDraft, requestOf, type Draft } from './draft.ts';
import { MappingStep } from './mapping-step.tsx';
import { ReviewStep } from './review-step.tsx';
import { TargetStep } from './target-step.tsx';

/** The wizard: backup, target, mapping, review. */
export function Restore() {
  const [parameters, setParameters] = useSearchParams();
  const backupId = parameters.get('backup') ?? undefined;
  const [step, setStep] = useState(backupId === undefined ? 0 : 1);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const { data: backup, error } = useBackup(backupId);
  const { data: agents = [] } = useAgents();

  const agent = agents.find(({ id }) => id === backup?.agentId);
  const target = agent?.targets.find(({ name }) => name === draft.target?.name);
  const request = backup && requestOf(backup.id, draft);
  const change = (news: Partial<Draft>) => setDraft((before) => ({ ...before, ...news }));

  function chooseBackup({ id }: Backup): void {
    setParameters({ backup: id }, { replace: true });
    setDraft(emptyDraft);
    setStep(1);
  }

  const reached = target ? 3 : backup ? 1 : 0;
  const toReview = target && (() => setStep(3));
  return (
    <Page
      title="Restore a backup"
      about={backup && `${backup.machineName} from ${backup.repository}, ${backup.path}`}
    >
      <ProblemAlert error={error} />
      <Stepper active={step} onStepClick={setStep} size="sm" iconSize={30} contentPadding="lg">
        <Stepper.Step label="Backup">
          <BackupStep chosen={backupId} onChoose={chooseBackup} />
        </Stepper.Step>
        <Stepper.Step label="Target" allowStepSelect={reached >= 1}>
          {backup && agent && (
            <TargetStep
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
        <Stepper.Step label="Mapping and checks" allowStepSelect={reached >= 2}>
          {backup && agent && target && (
            <MappingStep
              machine={backup.machine}
              provider={agent.targetKinds.find(({ kind }) => kind === target.kind)}
              target={target}
              draft={draft}
              change={change}
              onBack={() => setStep(1)}
              onNext={() => setStep(3)}
            />
          )}
        </Stepper.Step>
        <Stepper.Step label="Review" allowStepSelect={reached >= 3}>
          {backup && request && step === 3 && (
            <ReviewStep backup={backup} request={request} onBack={() => setStep(2)} />
          )}
        </Stepper.Step>
      </Stepper>
    </Page>
  );
}
