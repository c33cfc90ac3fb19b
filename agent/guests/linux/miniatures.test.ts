import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Severity } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import { applyFix } from '../apply.ts';
import type { FixPlan } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import { readFacts } from './facts.ts';
import { changesBetween, copyOf, expectedChanges, readTree } from './fixtures/miniature.ts';
import { FolderGuest } from './fixtures/folder-guest.ts';
import { miniatures, miniatureStarts } from './fixtures/miniatures.ts';
import { planLinux } from './index.ts';

/** From VMware to KVM: what most guests have to go through. */
const toKvm: GuestRequirements = {
  firmware: Firmware.UNSPECIFIED,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [
    { mac: '00:50:56:aa:00:01', guestNames: ['ens192', 'ens160', 'eth0'], addressing: 'keep' },
    { mac: '00:50:56:aa:00:02', guestNames: ['ens224', 'eth1'], addressing: 'keep' },
  ],
  supplies: {},
};

/** To a cloud: other MACs, addresses by DHCP. */
const toEc2: GuestRequirements = {
  ...toKvm,
  storage: 'nvme',
  network: 'ena',
  kernelArguments: ['nvme_core.io_timeout=4294967295'],
  guestAgent: 'ssm-agent',
  cloud: 'ec2',
  nics: [{ mac: '00:50:56:aa:00:01', guestNames: ['ens192', 'ens160', 'eth0'], addressing: 'dhcp' }],
};

describe.each(miniatures)('$name', (miniature) => {
  const roots: string[] = [];
  let root: string;
  beforeAll(async () => {
    root = await newCopy();
  });
  afterAll(async () => {
    for (const each of roots) await rm(path.dirname(each), { recursive: true });
  });

  async function newCopy(): Promise<string> {
    const copy = await copyOf(miniature);
    roots.push(copy);
    return copy;
  }

  const factsOf = (at: string) => readFacts(new FolderGuest(at), miniature.root, miniatureStarts);

  async function repaired(at: string, wants: GuestRequirements): Promise<FixPlan> {
    const plan = planLinux(await factsOf(at), wants);
    for (const fix of plan.fixes) await applyFix(new FolderGuest(at), fix);
    return plan;
  }

  it('is repaired as expected, with nothing left to do', async () => {
    const before = await readTree(root);
    const plan = await repaired(root, toKvm);
    expect(plan.findings.filter(({ severity }) => severity === Severity.BLOCK)).toEqual([]);
    const { changed, removed } = changesBetween(before, await readTree(root));
    expect(changed.delete(miniature.initramfs)).toBe(true);
    const expected = await expectedChanges(miniature.name);
    const gone = expected.get('/removed.txt')?.split('\n').filter(Boolean) ?? [];
    expected.delete('/removed.txt');
    expect(Object.fromEntries(changed)).toEqual(Object.fromEntries(expected));
    expect(removed).toEqual(gone);
    expect(planLinux(await factsOf(root), toKvm).fixes).toEqual([]);
  });

  it('has the drivers in its initramfs then, under the names that its index has for them', async () => {
    const [kernel] = (await factsOf(root)).kernels;
    const modules = [...(kernel?.initramfs?.modules ?? [])];
    const unlessBuiltIn = (names: string[]) => names.filter((name) => !kernel?.index.isBuiltIn(name));
    expect(modules).toEqual(
      expect.arrayContaining(unlessBuiltIn(['virtio_pci', 'virtio_blk', 'nvme', 'hv_storvsc', 'vmw_pvscsi'])),
    );
    const endings = new Set([...(kernel?.initramfs?.moduleFiles ?? [])].map((file) => path.extname(file)));
    expect(endings.size).toBe(1);
  });

  it('can go on to another target, and that is repeatable too', async () => {
    const at = await newCopy();
    await repaired(at, toKvm);
    const plan = await repaired(at, toEc2);
    expect(plan.findings.filter(({ severity }) => severity === Severity.BLOCK)).toEqual([]);
    expect(plan.fixes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['linux.kernel-arguments', 'linux.nic-name']),
    );
    // The initramfs has every target's drivers by now.
    expect(plan.fixes.map(({ name }) => name)).not.toContain('linux.driver-segment');
    expect(planLinux(await factsOf(at), toEc2).fixes).toEqual([]);
  });
});
