/** Whether the restored machine works: what it shows and answers, without trusting anything inside it. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import type { HealthCheckPassed, HealthChecks } from '../../proto/gen/ascend/v1/run.ts';
import type { MachineWatch, TargetContext } from '../targets/target.ts';

type Check = (watch: MachineWatch | undefined, context: TargetContext) => Promise<string | undefined>;

interface NamedCheck {
  name: string;
  subject: string;
  /** What was seen where it passed. */
  run: Check;
}

// A Debian server under emulation shows its prompt after 35 s on an idle host; with KVM after 5 s.
export const DEFAULT_TIMEOUT_SECONDS = 300;
const POLL_MS = 1000;
const CONNECT_TIMEOUT_MS = 3000;

// agetty prints "<hostname> login: "; after somebody has logged in, login prints "Last login: <date>".
const PROMPT = /^(?!Last login: )([A-Za-z0-9][A-Za-z0-9.-]*) login:/gm;

/**
 * Asks again and again until every check has passed.
 * @throws health.not-proven with what has not passed and the end of the console, once the time is up
 */
export async function proveHealth(
  watch: MachineWatch | undefined,
  wanted: HealthChecks | undefined,
  context: TargetContext,
  onPassed: (passed: HealthCheckPassed) => void,
): Promise<void> {
  const deadline = Date.now() + limitSeconds(wanted) * 1000;
  let open = checksOf(watch, wanted);
  for (;;) {
    const still: NamedCheck[] = [];
    for (const check of open) {
      const observed = await patiently(() => check.run(watch, context), undefined).catch(
        async (cause: unknown) => {
          const { code, message } = asAscendError(cause);
          throw code === 'run.cancelled' ? cause : await notProven(open, message, watch);
        },
      );
      if (observed === undefined) still.push(check);
      else onPassed({ check: check.name, subject: check.subject, observed });
    }
    open = still;
    if (open.length === 0) break;
    if (watch && !(await patiently(() => watch.running(context), true)))
      throw await notProven(open, 'the machine has stopped', watch);
    if (Date.now() >= deadline) throw await notProven(open, 'the time is up', watch);
    await sleep(POLL_MS, undefined, { signal: context.signal }).catch(() => {
      throw new AscendError('run.cancelled', 'Stopped while the machine was being watched.');
    });
  }
  // An extra where the guest has one: its absence says nothing.
  if (await watch?.agentAnswers(context)) {
    onPassed({ check: 'guest-agent', subject: 'guest agent', observed: 'answered' });
  }
}

/** A target that does not answer for a moment, say while libvirt is restarted, says nothing about the machine. */
async function patiently<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AscendError && error.traits.retry === 'backoff') return otherwise;
    throw error;
  }
}

/**
 * Before anything is copied: a check that can never pass would cost a finished restore.
 * @throws usage.invalid
 */
export function requireUsableChecks(wanted: HealthChecks | undefined): void {
  for (const address of wanted?.tcp ?? []) {
    const port = Number(/^.+:(\d{1,5})$/.exec(address)?.[1] ?? 0);
    if (port < 1 || port > 65_535)
      throw new AscendError('usage.invalid', `TCP check ${JSON.stringify(address)}: give ADDRESS:PORT.`);
  }
  for (const address of wanted?.ping ?? []) {
    if (!/^[\p{L}\p{N}:._%-]+$/u.test(address))
      throw new AscendError('usage.invalid', `Ping check ${JSON.stringify(address)}: give an address.`);
  }
}

/** 0 is the wire's "not set". */
function limitSeconds(wanted: HealthChecks | undefined): number {
  const seconds = wanted?.timeoutSeconds ?? 0;
  return seconds > 0 ? seconds : DEFAULT_TIMEOUT_SECONDS;
}

function checksOf(watch: MachineWatch | undefined, wanted: HealthChecks | undefined): NamedCheck[] {
  const checks: NamedCheck[] = [];
  if (watch) checks.push({ name: 'login-prompt', subject: 'serial console', run: loginPrompt });
  const { hostname } = wanted ?? {};
  if (hostname) checks.push({ name: 'hostname', subject: hostname, run: promptOf(hostname) });
  for (const address of wanted?.ping ?? [])
    checks.push({ name: 'ping', subject: address, run: pinged(address) });
  for (const address of wanted?.tcp ?? [])
    checks.push({ name: 'tcp', subject: address, run: connected(address) });
  return checks;
}

const loginPrompt: Check = async (watch) => {
  const host = hostnameShown((await watch?.consoleText()) ?? '');
  return host && `${host} login:`;
};

function promptOf(hostname: string): Check {
  return async (watch) => {
    const shown = hostnameShown((await watch?.consoleText()) ?? '');
    return shown?.toLowerCase() === hostname.toLowerCase() ? `${shown} login:` : undefined;
  };
}

/** The host name of the newest login prompt on a console; undefined before there is one. */
export function hostnameShown(consoleText: string): string | undefined {
  const text = stripVTControlCharacters(consoleText.slice(-4096)).replace(/\r/g, '\n');
  return [...text.matchAll(PROMPT)].at(-1)?.[1];
}

function pinged(address: string): Check {
  return async (_watch, { exec, signal }) => {
    try {
      const { stdout } = await exec('ping', ['-n', '-c', '1', '-W', '2', '--', address], { signal });
      return /time=[\d.]+ ms/.exec(stdout)?.[0].replace('time=', 'answered in ');
    } catch (error) {
      if (error instanceof AscendError && error.code === 'host.command-failed') return undefined;
      throw error;
    }
  };
}

function connected(address: string): Check {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(separator + 1));
  return () =>
    new Promise((resolve) => {
      const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
      const done = (observed: string | undefined) => {
        socket.destroy();
        resolve(observed);
      };
      socket.once('connect', () => done('accepted a connection'));
      socket.once('timeout', () => done(undefined));
      socket.once('error', () => done(undefined));
    });
}

async function notProven(
  open: readonly NamedCheck[],
  why: string,
  watch: MachineWatch | undefined,
): Promise<AscendError> {
  const missing = open.map(({ name, subject }) => `${name} (${subject})`).join(', ');
  const tail = ((await watch?.consoleText().catch(() => '')) ?? '')
    .trim()
    .split(/[\r\n]+/)
    .slice(-3)
    .join(' | ');
  return new AscendError(
    'health.not-proven',
    `The machine was restored, but ${why} before it passed: ${missing}.${tail && ` Its console ends with: ${tail.slice(-500)}`}`,
    {
      hint: 'The machine has been left in place to be looked at. Remove it before you restore under the same name.',
    },
  );
}
