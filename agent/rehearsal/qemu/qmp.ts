/** QEMU's monitor protocol over a stream that QEMU has connected to us. Source: QEMU, docs/interop/qmp-spec.txt. */
import type { Socket } from 'node:net';
import { AscendError } from '../../../proto/errors.ts';

export interface Qmp {
  /** @throws host.command-failed with QEMU's own words, or where it does not answer */
  execute(command: string, args?: Record<string, unknown>): Promise<unknown>;
}

export interface QmpEvent {
  name: string;
  data: Record<string, unknown>;
}

// A screen dump of 1280 x 800 takes 50 ms; under load and emulation the main loop may be held up for seconds.
const ANSWER_LIMIT_MS = 60_000;
// The longest answers here are those of `query-version`; a line that does not end is no QMP.
const MAX_LINE_CHARACTERS = 1024 * 1024;

interface Message {
  id?: number;
  return?: unknown;
  error?: { desc?: string };
  event?: string;
  data?: Record<string, unknown>;
}

/** Speaks first what QMP asks for (`qmp_capabilities`). @throws host.command-failed */
export async function openQmp(
  socket: Socket,
  onEvent: (event: QmpEvent) => void,
  limitMs = ANSWER_LIMIT_MS,
): Promise<Qmp> {
  const waiting = new Map<number, (answer: Message | Error) => void>();
  let calls = 0;
  let ended: Error | undefined;
  const end = (why: string) => {
    ended ??= new Error(why);
    for (const settle of waiting.values()) settle(ended);
    waiting.clear();
  };
  const take = (message: Message) => {
    if (message.event !== undefined) onEvent({ name: message.event, data: message.data ?? {} });
    else if (message.id !== undefined) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    }
  };
  readLines(socket, take, end);
  const execute: Qmp['execute'] = async (command, args = {}) => {
    const id = ++calls;
    const answer = await new Promise<Message | Error>((settle) => {
      if (ended) {
        settle(ended);
        return;
      }
      const timer = setTimeout(() => settle(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
      waiting.set(id, (message) => {
        clearTimeout(timer);
        settle(message);
      });
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
    const why = answer instanceof Error ? answer.message : answer.error && (answer.error.desc ?? 'refused');
    if (why !== undefined) throw new AscendError('host.command-failed', `QEMU: ${command}: ${why}`);
    return (answer as Message).return;
  };
  await execute('qmp_capabilities');
  return { execute };
}

function readLines(socket: Socket, take: (message: Message) => void, end: (why: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', (error) => end(error.message));
  socket.on('close', () => end('QEMU has ended'));
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parse(line);
      if (message) take(message);
    }
    if (rest.length > MAX_LINE_CHARACTERS) socket.destroy();
  });
}

/** QEMU's greeting and anything that is not JSON is no answer to anything. */
function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
