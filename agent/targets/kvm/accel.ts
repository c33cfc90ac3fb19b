/**
 * Whether hardware virtualisation works here. That /dev/kvm exists proves nothing: in a nested or filtered
 * environment it opens, and QEMU aborts when the first vCPU is set up. So a machine is started and asked.
 */
import { AscendError } from '../../../proto/errors.ts';
import { Severity, type Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Exec } from '../../exec.ts';

export interface Acceleration {
  kvm: boolean;
  /** Why not, in QEMU's words. */
  reason?: string;
}

/** Starts a machine without disks and devices under KVM and stops it again: about 100 ms where KVM works. */
export async function probeAcceleration(exec: Exec, signal?: AbortSignal): Promise<Acceleration> {
  const machine = [
    '-accel',
    'kvm',
    '-machine',
    'q35',
    '-cpu',
    'host',
    '-m',
    '32',
    '-nodefaults',
    '-no-user-config',
  ];
  try {
    await exec('qemu-system-x86_64', [...machine, '-display', 'none', '-serial', 'none', '-qmp', 'stdio'], {
      input: '{"execute":"qmp_capabilities"}\n{"execute":"cont"}\n{"execute":"quit"}\n',
      // 20 s: a broken KVM can also hang instead of aborting.
      timeoutMs: 20_000,
      ...(signal && { signal }),
    });
    return { kvm: true };
  } catch (error) {
    if (error instanceof AscendError && error.code === 'host.command-failed') {
      return { kvm: false, reason: lastLine(error.message) };
    }
    throw error;
  }
}

function lastLine(message: string): string {
  return message.trim().split('\n').at(-1) ?? message;
}

export function accelerationFindings(acceleration: Acceleration): Finding[] {
  if (acceleration.kvm) return [];
  return [
    {
      code: 'kvm.no-acceleration',
      severity: Severity.WARN,
      subject: '/dev/kvm',
      message: `Hardware virtualisation does not work on this host (${acceleration.reason}); QEMU will emulate the processor, which is 10 to 50 times slower.`,
      remedy:
        'Enable virtualisation in the firmware, or nested virtualisation on the hypervisor below this host.',
    },
  ];
}
