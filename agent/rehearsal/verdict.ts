/** The verdict over what was seen of a twin: pure, so that every way a start can end is a test. */
import type { ContentProof } from '../guests/proof.ts';
import { DRIVERS, failureIn, type FailureCode } from './failures.ts';
import type { TwinHardware } from './hardware.ts';
import type { Observations } from './observations.ts';
import { askedToUnlock } from './passphrase.ts';
import { CONTROLLER_NAMES } from './statement.ts';

/** What has to be seen besides the start itself. */
export interface Wishes {
  /** The host name that the login prompt must show. */
  hostname: string | undefined;
  /** These addresses must answer a ping. True: every one that the guest is expected to have; where none is known, one of its own. */
  ping: boolean | readonly string[];
  /** TCP ports that must accept a connection, on any of its addresses. */
  ports: readonly number[];
}

export interface Verdict {
  /** unproven: nothing failed, and not everything was seen that proves a start. */
  outcome: 'passed' | 'failed' | 'unproven';
  cause: FailureCode | 'passphrase' | 'time-limit' | 'host' | 'wish' | undefined;
  /** What happened, for people. */
  message: string;
  /** What to do next; empty where it passed. */
  remedy: string;
  /** What was seen, one a line. */
  observed: readonly string[];
}

export interface Case {
  hardware: TwinHardware;
  wishes: Wishes;
  /** IPv4 addresses that the guest may have: looked for, and evidence where they answer. */
  addresses: readonly string[];
  /** What the content of the guest proves. */
  contents: readonly ContentProof[];
}

// A guest that starts over this often without ever getting up is in a loop; Windows' first start takes three.
const MOST_RESETS = 6;
// A stop screen stays; "Getting ready" in the same blue has hardly any white, see screen/look.ts.
const STOP_SCREEN_SECONDS = 5;
// A key that the machine finds by itself answers within seconds, and the start goes on.
const UNANSWERED_SECONDS = 45;
// How a start ends that nobody has unlocked.
const ENDS_OF_LOCKED: ReadonlySet<Verdict['cause']> = new Set([
  'root-missing',
  'initramfs-shell',
  'emergency-mode',
]);

/** Undefined while it may still turn out either way. */
export function verdictOf(seen: Observations, of: Case): Verdict | undefined {
  const observed = observedOf(seen);
  if (seen.hostFault) {
    const remedy = 'Free space, or look at the disk of this host, and rehearse again.';
    return { outcome: 'unproven', cause: 'host', message: seen.hostFault, remedy, observed };
  }
  const failed = failureOf(seen, of);
  const locked = lockedVerdict(seen);
  if (locked && (failed ? endsLocked(failed) : seen.quietSeconds >= UNANSWERED_SECONDS))
    return { ...locked, observed };
  if (failed) return { ...failed, observed };
  if (!isUp(seen) || unfulfilled(seen, of).length > 0) return undefined;
  return { outcome: 'passed', cause: undefined, message: passedMessage(seen), remedy: '', observed };
}

/** When the time is over. */
export function finalVerdict(seen: Observations, of: Case): Verdict {
  const verdict = verdictOf(seen, of);
  if (verdict) return verdict;
  const observed = observedOf(seen);
  const left = unfulfilled(seen, of);
  if (isUp(seen)) {
    const message = `The machine starts, but ${left.join('; ')}.`;
    const remedy = showsOtherName(seen, of)
      ? 'Ask for the host name that it has; what was seen says which.'
      : 'Check what the fixes make of its network: "check --for KIND" shows them.';
    return { outcome: 'failed', cause: 'wish', message, remedy, observed };
  }
  const locked = lockedVerdict(seen);
  if (locked) return { ...locked, observed };
  const driverless = driverlessVerdict(seen, of);
  if (driverless) return { ...driverless, observed };
  const message = networkSpoke(seen)
    ? 'The guest got as far as its network, but showed no login prompt in time.'
    : 'Neither a login prompt nor a failure was seen in time.';
  const remedy = 'Look at the screen shots; give it more time with --timeout.';
  return { outcome: 'unproven', cause: 'time-limit', message, remedy, observed };
}

/**
 * A guest that starts quietly shows nothing while it looks for its root disk: dracut with "quiet" had a still screen for
 * 380 s. Where no kernel of it has a driver for the disk of this twin, that is what it waits for.
 */
function driverlessVerdict(
  seen: Observations,
  { contents, hardware }: Case,
): Omit<Verdict, 'observed'> | undefined {
  const about = contents.filter((content) => content.about === 'storage');
  const [gap] = about;
  if (!gap || about.some(({ holds }) => holds) || !hardware.sameStorage || networkSpoke(seen))
    return undefined;
  const message = 'The guest did not start up in time, and has no way to find its root disk.';
  return withCause({ outcome: 'failed', cause: 'root-missing', message, remedy: DRIVERS }, gap);
}

/** Undefined unless the machine has asked for a passphrase and is not up. */
function lockedVerdict(seen: Observations): Omit<Verdict, 'observed'> | undefined {
  const asked =
    askedToUnlock(seen.serial) ?? (seen.screen === undefined ? undefined : askedToUnlock(seen.screen));
  if (asked === undefined || isUp(seen)) return undefined;
  return {
    outcome: 'unproven',
    cause: 'passphrase',
    message: `The machine waits for the passphrase of an encrypted disk${asked && ` (${asked})`}. Up to there it starts.`,
    remedy:
      'Nobody types it in a rehearsal: type it at the console of the restored machine. What is kept in the TPM of the old machine stays behind there.',
  };
}

function endsLocked({ cause }: Pick<Verdict, 'cause'>): boolean {
  return ENDS_OF_LOCKED.has(cause);
}

/** The prompt of getty or login, on a line of its own; what could not be read stands as U+FFFD. */
const PROMPT = /^ {0,4}(?!Last )([\w.\ufffd-]{1,64}) login: ?/m;

export function promptIn(text: string): string | undefined {
  return PROMPT.exec(text)?.[1];
}

function promptOf({ serial, screen }: Observations): string | undefined {
  return promptIn(serial) ?? (screen === undefined ? undefined : promptIn(screen));
}

/** A guest that shows a picture instead of a prompt, such as Windows, is up once it uses its network. */
function isUp(seen: Observations): boolean {
  if (promptOf(seen) !== undefined) return true;
  return seen.look === 'picture' && seen.lookSeconds >= 20 && seen.network.answering.length > 0;
}

function networkSpoke({ network }: Observations): boolean {
  return network.answering.length > 0;
}

function passedMessage(seen: Observations): string {
  const prompt = promptOf(seen);
  return prompt === undefined
    ? 'The guest shows its graphical screen and answers on its network.'
    : 'The guest starts up to its login prompt.';
}

function unfulfilled(
  seen: Observations,
  { wishes, addresses }: Pick<Case, 'wishes' | 'addresses'>,
): string[] {
  const { pinged, accepting } = seen.network;
  const left: string[] = [];
  if (wishes.hostname !== undefined && !showsName(seen, wishes.hostname))
    left.push(`its login prompt does not show the host name ${wishes.hostname}`);
  const { ping } = wishes;
  const wanted = typeof ping === 'boolean' ? (ping ? addresses : []) : ping;
  const silent = wanted.filter((address) => !pinged.includes(address));
  if (silent.length > 0) left.push(`no answer to a ping of ${silent.join(', ')}`);
  if (ping === true && pinged.length === 0 && silent.length === 0)
    left.push('no address of it answers a ping');
  for (const port of wishes.ports)
    if (!accepting.some((place) => place.endsWith(`:${port}`)))
      left.push(`port ${port} accepts no connection`);
  return left;
}

/** Characters that could not be read on a screen may be anything, as long as half of the name was read. */
function showsName({ serial, screen }: Observations, hostname: string): boolean {
  const wanted = hostname.split('.')[0]?.toLowerCase() ?? '';
  return [serial, screen ?? ''].some((text) => {
    const name = promptIn(text)?.split('.')[0]?.toLowerCase();
    if (name?.length !== wanted.length) return false;
    let unread = 0;
    for (let at = 0; at < name.length; at += 1) {
      if (name[at] === '\ufffd') unread += 1;
      else if (name[at] !== wanted[at]) return false;
    }
    return unread * 2 <= name.length;
  });
}

function failureOf(seen: Observations, of: Case): Omit<Verdict, 'observed'> | undefined {
  const { serial, screen, look, lookSeconds, resets, off } = seen;
  const found = failureIn(serial) ?? (screen === undefined ? undefined : failureIn(screen));
  if (found) {
    const { code, message, remedy } = found.failure;
    const plain = { outcome: 'failed' as const, cause: code, message: message(found.detail), remedy };
    if (code === 'not-bootable') return withCause(plain, of.contents.find(isGap('loader')));
    return code === 'root-missing' ? explained(plain, seen, of) : plain;
  }
  if (look === 'stop-screen' && lookSeconds >= STOP_SCREEN_SECONDS) return windowsStop(of);
  if (resets > MOST_RESETS && !isUp(seen)) {
    const message = `The guest restarts over and over (${resets} times).`;
    return { outcome: 'failed', cause: 'restarts', message, remedy: 'Look at the screen shots in between.' };
  }
  if (off) {
    const message = 'The guest switched itself off.';
    return { outcome: 'failed', cause: 'switched-off', message, remedy: 'Look at the last screen shot.' };
  }
  return undefined;
}

/** What the boot shows together with what the content shows: the root is missing because a driver is. */
function explained(
  plain: Omit<Verdict, 'observed'>,
  { serial }: Observations,
  { contents, hardware }: Case,
): Omit<Verdict, 'observed'> {
  const kernel = /Linux version (\S{1,100})/.exec(serial)?.[1];
  const gaps = contents.filter(isGap('storage'));
  const gap = gaps.find(({ subject }) => kernel !== undefined && subject.includes(kernel)) ?? gaps[0];
  if (gap || hardware.sameStorage) return withCause(plain, gap);
  // The real target has another controller, for which the content speaks.
  const controller = CONTROLLER_NAMES[hardware.disk];
  return {
    ...plain,
    outcome: 'unproven',
    message: `${plain.message} That is on ${controller}, the nearest that a twin starts from; the target's own disks are of another kind.`,
    remedy: 'Read the proofs by content: they are about the drivers that the target itself needs.',
  };
}

const isGap =
  (wanted: ContentProof['about']) =>
  ({ about, holds }: ContentProof) =>
    about === wanted && !holds;

function withCause(
  plain: Omit<Verdict, 'observed'>,
  gap: ContentProof | undefined,
): Omit<Verdict, 'observed'> {
  return gap ? { ...plain, message: `${plain.message} The cause: ${gap.proof}` } : plain;
}

function windowsStop({ contents }: Case): Omit<Verdict, 'observed'> {
  const gap = contents.find(isGap('storage'));
  return {
    outcome: 'failed',
    cause: 'windows-stop',
    message: `Windows shows a stop screen.${gap ? ` The cause may be: ${gap.proof}` : ''}`,
    remedy:
      'Read the stop code on the last screen shot; INACCESSIBLE_BOOT_DEVICE means a missing disk driver.',
  };
}

function observedOf(seen: Observations): string[] {
  const { network, resets, look } = seen;
  const prompt = promptOf(seen);
  const sent = network.frames.filter((count) => count > 0).length;
  return [
    ...(prompt === undefined
      ? []
      : [`login prompt${prompt.includes('\ufffd') ? '' : ` of ${prompt}`} on ${promptPlace(seen)}`]),
    ...(look === undefined ? [] : [`screen: ${look}`]),
    ...(network.frames.length > 0 ? [`${sent} of ${network.frames.length} NICs sent frames`] : []),
    ...network.leased.map((address) => `asked for an address by DHCP and took ${address}`),
    ...network.answering.map((address) => `${address} answers ARP`),
    ...network.pinged.map((address) => `${address} answers a ping`),
    ...network.accepting.map((place) => `${place} accepts connections`),
    ...(resets > 0 ? [`restarted itself ${resets} times`] : []),
  ];
}

function promptPlace({ serial }: Observations): string {
  return promptIn(serial) === undefined ? 'the screen' : 'the serial console';
}

/** A prompt that shows another name than the one asked for: waiting changes nothing. */
export function showsOtherName(seen: Observations, { wishes }: Pick<Case, 'wishes'>): boolean {
  return promptOf(seen) !== undefined && wishes.hostname !== undefined && !showsName(seen, wishes.hostname);
}

/**
 * Whether no more is to be learnt of a guest that is up: what its network shows comes a little later. Where no address is
 * known beforehand, each of its NICs has one that answers; on a card that the target does not have, none has to.
 */
export function isSettled(
  { network }: Observations,
  { addresses, hardware }: Pick<Case, 'addresses' | 'hardware'>,
): boolean {
  const { pinged, frames } = network;
  if (addresses.length > 0) return addresses.every((address) => pinged.includes(address));
  return !hardware.sameNetwork || pinged.length >= frames.length;
}
