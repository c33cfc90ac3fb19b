/**
 * Boots a disk in QEMU and watches its serial console. What the guest writes goes to a temporary file that QEMU drops:
 * the disk given is opened read-only, whatever it is. Always without KVM, so that every machine gives the same verdict.
 */
import { execa } from 'execa';
import type { TwinDisk, TwinNic } from '../../agent/rehearsal/hardware.ts';
import { diskArguments, NICS } from '../../agent/rehearsal/qemu/arguments.ts';

export interface BootOptions {
  /** A QCOW2 file; its backing chain is followed. */
  disk: string;
  bus: TwinDisk;
  nic?: TwinNic;
  /** PCI Express slot of the NIC. Linux names it after that: 192, as VMware numbers the first one, gives ens192. */
  nicSlot?: number;
  /** The guest's network is 10.77.0.0/24, the host is 10.77.0.1, and nothing beyond it can be reached. */
  forward?: { hostPort: number; guestAddress: string; guestPort: number };
  /** Boots this kernel instead of the disk's boot loader. */
  kernel?: string;
  initrd?: string;
  append?: string;
}

export interface RunningGuest extends AsyncDisposable {
  readonly pid: number;
  /** Everything on the serial console so far. */
  serial(): string;
  /** @throws when none of the patterns has come after `timeoutMs`, or QEMU has ended. */
  until(patterns: RegExp[], timeoutMs: number): Promise<{ matched: RegExp; serial: string; ms: number }>;
}

/** Boots, waits for the first of the patterns, and ends the guest. */
export async function bootDisk(
  options: BootOptions & { until: RegExp[]; timeoutMs: number },
): Promise<{ matched: RegExp; serial: string; ms: number }> {
  await using guest = startGuest(options);
  return await guest.until(options.until, options.timeoutMs);
}

/** Starts the guest and returns at once; disposing of it kills QEMU. */
export function startGuest(options: BootOptions): RunningGuest {
  const started = Date.now();
  // setpriv: QEMU dies with the test that started it, even if that is killed.
  const qemu = execa('setpriv', ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...args(options)], {
    buffer: false,
    stdin: 'ignore',
    reject: false,
  });
  let serial = '';
  let errors = '';
  let wake = Promise.withResolvers<undefined>();
  const heard = (): void => {
    wake.resolve(undefined);
    wake = Promise.withResolvers();
  };
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
    serial += text;
    heard();
  });
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let ended = false;
  void qemu.then(() => {
    ended = true;
    heard();
  });

  return {
    pid: qemu.pid!,
    serial: () => serial,
    async until(patterns, timeoutMs) {
      const deadline = AbortSignal.timeout(timeoutMs);
      deadline.addEventListener('abort', heard);
      for (;;) {
        const matched = patterns.find((pattern) => pattern.test(serial));
        if (matched) return { matched, serial, ms: Date.now() - started };
        if (ended) throw new Error(`QEMU ended: ${errors}\n${serial.slice(-2000)}`);
        if (deadline.aborted) {
          throw new Error(
            `No ${patterns.join(' or ')} on the serial console in ${timeoutMs} ms:\n${serial.slice(-4000)}`,
          );
        }
        await wake.promise;
      }
    },
    async [Symbol.asyncDispose]() {
      qemu.kill('SIGKILL');
      await qemu;
    },
  };
}

function args(options: BootOptions): string[] {
  const { disk, bus, kernel, initrd, append } = options;
  return [
    // Without ACPI hotplug Linux sees the slot numbers of the root ports themselves.
    ...['-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'],
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-display', 'none', '-vga', 'std', '-serial', 'stdio'],
    ...diskArguments(bus, [disk]),
    ...(options.nic ? network({ ...options, nic: options.nic }) : ['-nic', 'none']),
    ...(kernel ? ['-kernel', kernel] : []),
    ...(initrd ? ['-initrd', initrd] : []),
    ...(append ? ['-append', append] : []),
  ];
}

function network({ nic, nicSlot = 0, forward }: BootOptions & { nic: TwinNic }): string[] {
  const rule = forward
    ? `,hostfwd=tcp:127.0.0.1:${forward.hostPort}-${forward.guestAddress}:${forward.guestPort}`
    : '';
  return [
    ...['-netdev', `user,id=net0,restrict=on,net=10.77.0.0/24,host=10.77.0.1${rule}`],
    ...['-device', `pcie-root-port,id=port0,chassis=1,slot=${nicSlot}`],
    ...['-device', `${NICS[nic]},netdev=net0,bus=port0`],
  ];
}
