/**
 * Whether hardware virtualisation works here. That /dev/kvm exists and opens proves nothing: in a nested or filtered
 * environment QEMU may abort when the first vCPU is set up, or run a few instructions and then hang for good. So
 * this host's own kernel is started under KVM and under emulation at once: KVM works if it gets to the end first.
 */
import { readdir } from 'node:fs/promises';
import { AscendError } from '../../proto/errors.ts';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Exec } from '../exec.ts';

export interface Acceleration {
  kvm: boolean;
  /** Why not. */
  reason?: string;
}

export type ProbeAcceleration = () => Promise<Acceleration>;

/** A probe that starts its machines once in its life: 0.5 s where KVM works, 2 to 5 s where it does not. */
export function accelerationProbe(exec: Exec): ProbeAcceleration {
  let answer: Promise<Acceleration> | undefined;
  return () => (answer ??= probe(exec));
}

async function probe(exec: Exec): Promise<Acceleration> {
  const kernel = await newestKernel();
  if (kernel === undefined) return { kvm: false, reason: 'there is no kernel in /boot to try it with' };
  const loser = new AbortController();
  const run = async (accelerator: 'kvm' | 'tcg') => {
    await startKernel(exec, kernel, accelerator, loser.signal);
    return accelerator;
  };
  try {
    const kvm = run('kvm').catch((error: unknown) => {
      if (error instanceof AscendError && error.code === 'host.command-failed')
        return lastLine(error.message);
      throw error;
    });
    const first = await Promise.race([kvm, run('tcg')]);
    if (first === 'kvm') return { kvm: true };
    return {
      kvm: false,
      reason: first === 'tcg' ? 'a machine hangs under KVM, or runs no faster than without' : first,
    };
  } finally {
    loser.abort();
  }
}

/** Without a root file system the kernel panics, and `panic=-1` with `-no-reboot` makes that QEMU's end. */
async function startKernel(
  exec: Exec,
  kernel: string,
  accelerator: string,
  signal: AbortSignal,
): Promise<void> {
  const bare = [
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-serial',
    'none',
    '-monitor',
    'none',
    '-no-reboot',
  ];
  const machine = ['-accel', accelerator, '-machine', 'q35', '-cpu', 'max', '-m', '256', ...bare];
  await exec('qemu-system-x86_64', [...machine, '-kernel', kernel, '-append', 'panic=-1 quiet'], {
    signal,
    // Emulation takes 2 s on an idle host; this only ends a wait on a host that does nothing else any more.
    timeoutMs: 120_000,
  });
}

async function newestKernel(): Promise<string | undefined> {
  const names = (await readdir('/boot').catch(() => [])).filter((name) => name.startsWith('vmlinuz-'));
  const newest = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return newest && `/boot/${newest}`;
}

function lastLine(message: string): string {
  return message.trim().split('\n').at(-1) ?? message;
}

export function accelerationFindings(acceleration: Acceleration): Finding[] {
  if (acceleration.kvm) return [];
  return [
    {
      code: 'host.no-acceleration',
      severity: Severity.WARN,
      subject: '/dev/kvm',
      message: `Hardware virtualisation does not work on this host (${acceleration.reason}); processors are emulated, 10 to 50 times slower.`,
      remedy:
        'Enable virtualisation in the firmware, or nested virtualisation on the hypervisor below this host.',
    },
  ];
}
