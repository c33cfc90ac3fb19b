import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { RunEventSchema, type RunEventJson } from '../runs/run-event.ts';
import { isFinal, ProgressSchema, RunSummarySchema, type Run } from '../runs/run.ts';
import { answer, problemOf, send, type Client } from './client.ts';
import { progressText, rehearsalText } from './run-text.ts';
import type { Terminal } from './terminal.ts';

const pauseMs = 1000;
// A controller that is restarted, or a machine that reboots, is back by then.
const patienceMs = 5 * 60_000;

/** Follows a run to its end, through lost connections and restarts of the controller. */
export async function watchRun(terminal: Terminal, client: Client, id: string): Promise<Run> {
  let after = 0;
  let lostAt: number | undefined;
  for (;;) {
    try {
      const stream = await openStream(terminal, client, id, after);
      lostAt = undefined;
      for await (const message of stream) {
        if (message.event === 'event') after = Number(message.id);
        show(terminal, message);
      }
      const run = await answer(client.api.runs[':id'].$get({ param: { id } }));
      if (isFinal(run.state)) return run;
    } catch (thrown) {
      const error = asAscendError(thrown);
      // A stream that breaks off throws what the network says, which is none of our codes.
      const lost = error.code === 'link.unreachable' || error.code === 'internal';
      if (!lost || terminal.signal.aborted) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > patienceMs) throw error;
    }
    await sleep(pauseMs, undefined, { signal: terminal.signal }).catch((cause: unknown) => {
      throw new AscendError('run.cancelled', 'Stopped watching; the run goes on.', {
        context: { run: id },
        cause,
      });
    });
  }
}

interface Message {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}

async function openStream({ signal }: Terminal, { server, token }: Client, id: string, after: number) {
  const response = await send(`${server}/api/runs/${encodeURIComponent(id)}/events?after=${after}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok || !response.body) throw await problemOf(response);
  return response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

function show(terminal: Terminal, { event, data }: Message): void {
  const content: unknown = JSON.parse(data);
  if (event === 'progress') terminal.progress(progressText(ProgressSchema.parse(content)));
  if (event === 'event') terminal.note(eventText(RunEventSchema.parse(content)));
  if (event === 'state') {
    const { outOfContactSince } = RunSummarySchema.omit({ progress: true }).parse(content);
    if (outOfContactSince !== null) terminal.note(`Agent out of contact since ${outOfContactSince}.\n`);
  }
}

function eventText(event: RunEventJson): string {
  const line = eventLine(event);
  return line === undefined ? '' : `${event.at}  ${line}\n`;
}

function eventLine(event: RunEventJson): string | undefined {
  switch (event.kind) {
    case 'started':
      return `started: ${event.detail.steps.join(', ')}`;
    case 'stepStarted':
      return `${event.detail.step} ...`;
    case 'stepFinished':
      return `${event.detail.step} done in ${(event.detail.durationMs / 1000).toFixed(1)} s`;
    case 'finding':
      return `${event.detail.severity}: ${event.detail.subject}: ${event.detail.message} ${event.detail.remedy}`;
    case 'fixApplied':
      return `fixed: ${event.detail.summary}`;
    case 'healthCheckPassed':
      return `proof: ${event.detail.check} ${event.detail.subject}: ${event.detail.observed}`;
    case 'rehearsalFinished':
      return rehearsalText(event.detail).join('; ');
    case 'resumed':
      return `the agent took the run up again at ${event.detail.step}`;
    case 'diskWritten':
      return `disk ${event.detail.diskId} written to ${event.detail.location}`;
    case 'finished':
      return event.detail.outcome;
    case 'machineRead':
    case 'unknown':
      return undefined;
  }
}
