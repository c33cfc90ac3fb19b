import { Anchor, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Run } from '../../data/use-runs.ts';
import { duration } from '../../format/duration.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { FactList } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { Tone } from '../../parts/tone.ts';
import marked from './marked-list.module.css';
import classes from './rehearsal.module.css';

type Told = NonNullable<Run['rehearsal']>;

const verdicts: Record<Told['verdict'], { tone: Tone; word: string }> = {
  passed: { tone: 'ok', word: 'Passed' },
  failed: { tone: 'bad', word: 'Failed' },
  unproven: { tone: 'warn', word: 'Unproven' },
};

const fidelities: Record<NonNullable<Told['fidelity']>, string> = {
  exact: 'The kinds of devices that the target has',
  'storage-only': "The target's kind of disk controller, another network card",
  nearest: "The nearest to the target's devices",
};

// What ascend.v1.ContentProof names; a newer agent may know more.
const aboutTitles: Readonly<Record<string, string>> = { storage: 'Disks', network: 'Network' };

/** What came of starting the machine in the target's twin, on what, and where the evidence lies. Nothing before there is any. */
export function Rehearsal({ run }: { readonly run: Run }) {
  const { rehearsal } = run;
  if (!rehearsal) return null;
  const { tone, word } = verdicts[rehearsal.verdict];
  return (
    <Panel title="Rehearsal" aside={<StateBadge tone={tone}>{word}</StateBadge>}>
      <Stack>
        <div>
          <Text fz="sm" fw={550}>
            {rehearsal.message}
          </Text>
          {rehearsal.remedy !== null && <Text fz="sm">{rehearsal.remedy}</Text>}
        </div>
        {rehearsal.hasScreen && <Screen runId={run.id} name={run.backup.machineName} />}
        <FactList
          facts={[
            ['Seen', <Seen key="seen" observed={rehearsal.observed} />],
            [
              'Fidelity',
              rehearsal.fidelity === null ? 'Of a degree not known here' : fidelities[rehearsal.fidelity],
            ],
            ['Booted on', rehearsal.statement],
            ['Took', duration(rehearsal.durationMs)],
          ]}
        />
        {rehearsal.contents.length > 0 && <Contents contents={rehearsal.contents} />}
        <div>
          <Text fz="sm" mb={6}>
            Screens, serial log and signature lie on {run.agentName}; this verifies them:
          </Text>
          <Copyable
            text={`ascend-agent evidence verify ${quoted(rehearsal.evidence)}`}
            label="Command to verify the evidence"
          />
        </div>
      </Stack>
    </Panel>
  );
}

function Seen({ observed }: { readonly observed: Told['observed'] }) {
  if (observed.length === 0) return 'Nothing';
  return (
    <ul className={classes.seen}>
      {observed.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Screen({ runId, name }: { readonly runId: string; readonly name: string }) {
  const source = `/api/runs/${runId}/screen`;
  return (
    <figure className={classes.screen}>
      <Anchor href={source} target="_blank" rel="noopener">
        <img src={source} alt={`The last screen of ${name} in its rehearsal, in full size`} />
      </Anchor>
      <figcaption>The last screen of the twin</figcaption>
    </figure>
  );
}

function Contents({ contents }: { readonly contents: Told['contents'] }) {
  return (
    <div>
      <Text fz="sm" fw={550} mb={6} id="by-content">
        Proven by content
      </Text>
      <ul className={marked.list} aria-labelledby="by-content">
        {contents.map(({ about, subject, holds, proof }) => (
          <li key={`${about} ${subject}`} data-tone={holds ? 'ok' : 'bad'}>
            {holds ? (
              <IconCircleCheck size={18} aria-label="Yes" />
            ) : (
              <IconCircleX size={18} aria-label="No" />
            )}
            <div>
              <Text fz="sm" component="span">
                {aboutTitles[about] ?? about}, {subject}
              </Text>
              <Text className="table-note">{proof}</Text>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** For a shell, where the folder's name needs it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
