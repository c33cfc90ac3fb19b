import { IconCheck, IconX } from '@tabler/icons-react';
import { isFinal, type Run } from '../../data/use-runs.ts';
import { duration } from '../../format/duration.ts';
import type { Tone } from '../../parts/tone.ts';
import classes from './step-rail.module.css';

type Step = Run['steps'][number];

/** Shown until the agent has named its own. */
function itineraryOf({ kind, options }: Run): Step[] {
  const rehearse = kind === 'rehearsal' || options.rehearse ? ['rehearse'] : [];
  const names = ['analyse', 'validate', 'convert', ...rehearse, ...(kind === 'restore' ? ['deploy'] : [])];
  return names.map((name) => ({ name, state: 'pending', startedAt: null, durationMs: null }));
}

const shown: Record<Step['state'], { tone: Tone; word: string }> = {
  pending: { tone: 'idle', word: 'Not begun' },
  running: { tone: 'busy', word: 'Under way' },
  done: { tone: 'ok', word: 'Done' },
  failed: { tone: 'bad', word: 'Ended here' },
};

/** The steps in order. A step that is done stays done: the controller sees to it, whatever a resumed agent repeats. */
export function StepRail({ run }: { readonly run: Run }) {
  const steps = run.steps.length > 0 ? run.steps : itineraryOf(run);
  const ended = isFinal(run.state);
  return (
    <ol className={classes.rail} aria-label="Steps of the run">
      {steps.map((step, index) => {
        const { tone, word } = shown[step.state];
        const note = step.durationMs === null ? word : duration(step.durationMs);
        return (
          <li
            key={step.name}
            data-tone={tone}
            data-state={step.state}
            aria-current={step.state === 'running' ? 'step' : undefined}
          >
            <span className={classes.mark} aria-hidden>
              <Mark step={step} number={index + 1} />
            </span>
            <span>
              <span className={classes.name}>{step.name}</span>
              <span className={`${classes.note ?? ''} figure`}>
                {ended && step.state === 'pending' ? 'Not reached' : note}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Mark({ step, number }: { readonly step: Step; readonly number: number }) {
  if (step.state === 'done') return <IconCheck size={16} stroke={2.5} />;
  if (step.state === 'failed') return <IconX size={16} stroke={2.5} />;
  return number;
}
