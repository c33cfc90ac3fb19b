/**
 * The only room that runs programs. Every child that `exec` runs dies with the agent: a qemu-img that outlived a
 * killed agent would go on writing to a volume that the restarted agent is writing again.
 */
import { readFileSync } from 'node:fs';
import { execa, ExecaError, type ResultPromise } from 'execa';
import { AscendError } from '../proto/errors.ts';

export interface RunOptions {
  signal?: AbortSignal;
  /** Written to stdin. Secrets go here, never into the arguments. */
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs?: number;
  /** Hears stdout as it comes. */
  onStdout?: (chunk: string) => void;
}

export interface Output {
  stdout: string;
  stderr: string;
}

export type Exec = (program: string, args: readonly string[], options?: RunOptions) => Promise<Output>;

// 16 MiB: the largest honest answer is `qemu-img map` of a badly fragmented disk. A hostile one is cut off there.
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Debian packages of the programs that rooms of the agent run. */
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  swtpm: 'swtpm',
  virsh: 'libvirt-clients',
  guestfish: 'guestfish',
  ping: 'iputils-ping',
  xz: 'xz-utils',
  'grub-mkimage': 'grub-common',
};

/**
 * Runs a program to its end.
 * @throws run.cancelled when the signal fires; host.tool-missing when it is not installed; host.command-failed
 *   with the program, exit code and the end of stderr otherwise.
 */
export const exec: Exec = async (program, args, options = {}) => {
  const child = spawn(program, args, options);
  try {
    const { stdout, stderr } = await child;
    return { stdout: stdout as string, stderr: stderr as string };
  } catch (cause) {
    throw failure(program, cause);
  }
};

/**
 * A program that is talked to over stdin and stdout; stderr comes with stdout, in order. It ends when its stdin does:
 * at its disposal, when the signal fires, and when the agent dies. It is not killed, because guestfish would leave its
 * socket in /tmp, and what it holds open are overlays that a restarted agent makes anew under the same names.
 */
export interface Conversation extends AsyncDisposable {
  write(text: string): void;
  /** stdout and stderr as they come, a character a byte (latin1); ends when the program does. */
  output: AsyncIterable<string>;
}

export function converse(program: string, args: readonly string[], options: RunOptions = {}): Conversation {
  const { signal, ...rest } = options;
  // Both into one pipe: out of two, what was written later is sometimes read first, and an error is taken for the next
  // command's. The shell becomes the program.
  const joined = ['-c', 'exec "$0" "$@" 2>&1', program, ...args];
  const child = spawn('sh', joined, rest, { all: true, buffer: false, stdin: 'pipe' }, 'clear');
  // Its end is seen in the output; nobody waits for the result, which stays open while output is left unread.
  child.catch(() => undefined);
  const { nodeChildProcess } = child;
  const exited = new Promise<void>((resolve) => {
    nodeChildProcess.once('exit', () => resolve());
    nodeChildProcess.once('error', () => resolve());
  });
  // A write to a child that has just died: its end is seen in the output.
  child.stdin?.on('error', () => undefined);
  // Without its own children, guestfish's appliance, it is not kept from its end by what they do: a launch takes 10 s.
  const stop = () => {
    child.stdin?.end();
    const again = setInterval(() => childrenOf(nodeChildProcess.pid).forEach(kill), 50);
    void exited.then(() => clearInterval(again));
  };
  signal?.addEventListener('abort', stop, { once: true });
  void exited.then(() => signal?.removeEventListener('abort', stop));
  if (signal?.aborted) stop();
  // Bytes as they are: an answer may be a file.
  child.all?.setEncoding('latin1');
  return {
    write: (text) => void child.stdin?.write(text),
    output: child.all as AsyncIterable<string>,
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      // 10 s: guestfish syncs and shuts its appliance down within 2 s, even without hardware virtualisation.
      const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(killer);
      child.all?.destroy();
    },
  };
}

function spawn(
  program: string,
  args: readonly string[],
  options: RunOptions,
  extra: object = {},
  parentDeathSignal: 'KILL' | 'clear' = 'KILL',
): ResultPromise {
  // setpriv sets the parent-death signal and then becomes the program: the process id stays the same.
  const child = execa('setpriv', ['--pdeathsig', parentDeathSignal, '--', program, ...args], {
    ...(options.signal && { cancelSignal: options.signal }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    env: { LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.timeoutMs && { timeout: options.timeoutMs }),
    maxBuffer: MAX_OUTPUT_BYTES,
    forceKillAfterDelay: 2000,
    ...extra,
  }) as ResultPromise;
  if (options.onStdout) child.stdout?.setEncoding('utf8').on('data', options.onStdout);
  return child;
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

function failure(program: string, cause: unknown): AscendError {
  if (!(cause instanceof ExecaError))
    return new AscendError('host.command-failed', `${program}: ${String(cause)}`, { cause });
  if (cause.isCanceled) return new AscendError('run.cancelled', `${program} was stopped.`, { cause });
  const said: unknown = cause.stderr;
  const stderr = typeof said === 'string' ? said.trim() : '';
  // setpriv says this where the program does not exist, with the exit code a shell would give.
  if (cause.exitCode === 127 || cause.code === 'ENOENT') {
    const name = PACKAGES[program];
    return new AscendError('host.tool-missing', `${program} is not installed on this conversion host.`, {
      context: { program },
      hint: name ? `Install it: apt-get install ${name}` : `Install ${program}.`,
      cause,
    });
  }
  const why = cause.timedOut
    ? 'did not end in time'
    : cause.signal
      ? `was ended by ${cause.signal}`
      : `failed with exit code ${cause.exitCode ?? 'unknown'}`;
  return new AscendError('host.command-failed', `${program} ${why}${stderr && `: ${stderr.slice(-2000)}`}`, {
    context: { program, exitCode: cause.exitCode },
    cause,
  });
}
