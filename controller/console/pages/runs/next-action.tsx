import { Text } from '@mantine/core';
import { isFinal, type Run } from '../../data/use-runs.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import classes from './next-action.module.css';

/** What the run came to, or what it waits for, and what to do about it. */
export function NextAction({ run }: { readonly run: Run }) {
  if (isFinal(run.state)) return <Outcome run={run} />;
  if (run.outOfContactSince !== null) {
    return (
      <Notice tone="warn" title={`Agent ${run.agentName} is out of contact`}>
        <Text fz="sm">
          Last heard <Ago at={run.outOfContactSince} /> (<Time at={run.outOfContactSince} />
          ).{' '}
          {run.state === 'queued'
            ? 'The run begins when the agent is back; an order that nobody takes expires after a day.'
            : 'The agent goes on with what it runs and reports when it is back.'}{' '}
          If that does not happen, see that its host is up and reaches this controller.
        </Text>
      </Notice>
    );
  }
  if (run.cancelRequestedAt !== null) {
    return (
      <Notice tone="busy" title="The agent stops the run and removes what it made">
        <Text fz="sm">
          Asked at <Time at={run.cancelRequestedAt} />.
        </Text>
      </Notice>
    );
  }
  return null;
}

function Outcome({ run }: { readonly run: Run }) {
  const { state, deployed, error } = run;
  if (state === 'succeeded' && run.kind === 'rehearsal') {
    return (
      <Notice tone="ok" title={`${run.backup.machineName} starts on devices like those of ${run.target}`}>
        <Text fz="sm">
          Its rehearsal passed, and nothing was made on {run.target}. What was seen, and what that does not
          prove, stands below.
        </Text>
      </Notice>
    );
  }
  if (state === 'succeeded') {
    const name = deployed?.name ?? run.backup.machineName;
    const proven = run.healthChecks.length > 0;
    return (
      <Notice
        tone="ok"
        title={
          deployed?.running === true ? `${name} runs on ${run.target}` : `${name} is ready on ${run.target}`
        }
      >
        <Text fz="sm">
          {proven
            ? 'It started and passed its health checks; what was seen stands below.'
            : 'It was not started, so nothing proves yet that it works.'}
        </Text>
        {deployed && deployed.access !== '' && (
          <div className={classes.access}>
            <Text fz="sm">Look at it from the agent&apos;s host:</Text>
            <Copyable text={deployed.access} label="Command to reach the machine" />
          </div>
        )}
      </Notice>
    );
  }
  if (state === 'cancelled') {
    return (
      <Notice tone="idle" title="The run was cancelled">
        {error && <Said error={error} />}
      </Notice>
    );
  }
  return (
    <Notice
      tone={state === 'blocked' ? 'warn' : 'bad'}
      title={error?.message ?? (state === 'blocked' ? 'Findings blocked the run' : 'The run failed')}
    >
      {isRehearsalError(error) && <Text fz="sm">Nothing was made on {run.target}.</Text>}
      {error && <Said error={error} />}
      {state === 'blocked' && (
        <Text fz="sm">Nothing was changed. Mend what the findings say, then {again[run.kind]} again.</Text>
      )}
    </Notice>
  );
}

const again = { restore: 'restore', rehearsal: 'rehearse' } as const;

function isRehearsalError(error: Run['error']): boolean {
  return error?.code === 'rehearsal.failed' || error?.code === 'rehearsal.unproven';
}

function Said({ error }: { readonly error: NonNullable<Run['error']> }) {
  return (
    <>
      {error.hint !== null && <Text fz="sm">{error.hint}</Text>}
      <Text className="mono">{[error.code, error.step && `in ${error.step}`].filter(Boolean).join(' ')}</Text>
    </>
  );
}
