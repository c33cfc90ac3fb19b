/** What becomes of a guest on KVM's hardware where nothing is fixed: its disks as the backup has them, in KVM's twin. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { exec } from '../../agent/exec.ts';
import { GuestSession } from '../../agent/guests/guest.ts';
import { planRepair } from '../../agent/guests/index.ts';
import type { ContentProof } from '../../agent/guests/proof.ts';
import { runTwin } from '../../agent/rehearsal/twin-run.ts';
import type { Verdict } from '../../agent/rehearsal/verdict.ts';
import { kvm } from '../../agent/targets/kvm/index.ts';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';

export interface Unfixed {
  name: string;
  uefi: boolean;
  /** Images of the backup, the newest layer of each disk. */
  disks: readonly string[];
}

const host = { acceleration: () => Promise.resolve({ kvm: false }), signal: new AbortController().signal };

/** @param folder is made; the evidence lies in it afterwards */
export async function bootUnfixed({ name, uefi, disks }: Unfixed, folder: string): Promise<Verdict> {
  const evidenceDir = path.join(folder, 'evidence');
  await mkdir(evidenceDir, { recursive: true });
  const overlays = await Promise.all(disks.map((base, index) => overlayOf(base, folder, index)));
  const machine: Machine = {
    name,
    platform: 'vmware',
    guest: undefined,
    cpu: { count: 2 },
    memoryBytes: 1024n ** 3n,
    firmware: uefi ? Firmware.UEFI : Firmware.BIOS,
    disks: [],
    nics: [],
    tags: {},
  };
  const options = kvm.options.parse({});
  const contents = await proofsOf(overlays, folder, kvm.requirements(machine, options));
  const { verdict } = await runTwin(
    {
      machine,
      hardware: kvm.hardware(machine, options),
      disks: overlays,
      wishes: { hostname: undefined, ping: false, ports: [] },
      addresses: [],
      contents,
      // What fails says so within two minutes; what says nothing does not say it later either.
      timeoutSeconds: 240,
    },
    { ...host, exec, folder: path.join(folder, 'twin'), evidenceDir, onActivity: () => undefined },
  );
  return verdict;
}

async function overlayOf(base: string, folder: string, index: number): Promise<string> {
  const overlay = path.join(folder, `disk${index}.qcow2`);
  await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', base, overlay]);
  return overlay;
}

/** What its content proves, as a rehearsal asks for it. */
async function proofsOf(
  disks: readonly string[],
  tempDir: string,
  wants: Parameters<typeof planRepair>[1],
): Promise<ContentProof[]> {
  await using session = await GuestSession.open({ disks, readOnly: true, tempDir, ...host });
  return (await planRepair(session, wants)).prove();
}
