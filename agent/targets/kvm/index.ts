/** Target KVM: a libvirt on the conversion host itself. What was proven, and against what: README.md. */
import type { GuestRequirements } from '../../guests/requirements.ts';
import type { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { nicsOf } from '../nics.ts';
import type { Target } from '../target.ts';
import { checkKvm } from './check.ts';
import { domainXml } from './domain.ts';
import { targetNetworks } from './networks.ts';
import { kvmOptions, type KvmOptions } from './options.ts';
import { KvmSession, undoSession } from './session.ts';
import { connectLibvirt } from './virsh.ts';

export const kvm: Target<KvmOptions> = {
  kind: 'kvm',
  title: 'KVM (libvirt)',
  options: kvmOptions,
  perRestore: ['pool', 'network', 'verify'],
  fileFormat: 'qcow2',
  requirements,
  hardware: ({ firmware, secureBoot = false, tpm = false }) => ({
    firmware,
    secureBoot,
    tpm,
    disk: 'virtio-blk',
    nic: 'virtio-net',
    sameStorage: true,
    sameNetwork: true,
  }),
  networks: (options, { exec, signal }) => connectLibvirt(options.uri, exec, signal).networks(),
  check: checkKvm,
  async render(placement, disks, options, { acceleration }) {
    const { kvm: hardwareAcceleration } = await acceleration();
    const text = domainXml({
      uuid: placement.runId,
      name: placement.name,
      machine: placement.machine,
      disks: disks.map(({ path }) => ({ path, format: 'qcow2' })),
      networks: targetNetworks(placement, options).map((network) => network ?? 'default'),
      hardwareAcceleration,
      consoleLog: `${options.consoleLogDir}/${placement.runId}-serial0.log`,
    });
    return [{ name: `${placement.name}.xml`, text }];
  },
  begin: (placement, options) => KvmSession.begin(placement, options),
  recover: (state, placement, options) => KvmSession.recover(state, placement, options),
  undo: undoSession,
};

function requirements(machine: Machine): GuestRequirements {
  return {
    firmware: machine.firmware,
    storage: 'virtio-blk',
    network: 'virtio-net',
    serialConsole: 'ttyS0',
    kernelArguments: [],
    guestAgent: 'qemu-guest-agent',
    cloud: undefined,
    nics: nicsOf(machine),
    supplies: {},
  };
}
