/** What the scripted agent of these tests sees and says. */
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware, GuestFamily, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import { RehearsalVerdict, RunOutcome, type RunEvent } from '../../proto/gen/ascend/v1/run.ts';
import { screenPicture } from './picture.ts';
import type { Script } from './scripted-agent.ts';

type Fact = NonNullable<RunEvent['body']>;

const GiB = 1024n ** 3n;

const machine: Machine = {
  name: 'web01',
  platform: 'vmware',
  sourceId: '564d8c1e-9b5a-7c2f-3e10-6a4c19d2f7b8',
  guest: {
    family: GuestFamily.LINUX,
    id: 'debian12-64',
    name: 'Debian GNU/Linux 12 (64-bit)',
    arch: 'x86_64',
  },
  cpu: { count: 2, sockets: 1, coresPerSocket: 2 },
  memoryBytes: 2n * GiB,
  firmware: Firmware.BIOS,
  disks: [
    {
      id: 'scsi0:0',
      label: 'Hard disk 1',
      sizeBytes: 16n * GiB,
      controller: { kind: 'scsi', model: 'pvscsi', bus: 0, unit: 0 },
      file: 'disks/scsi0-0.inc1.qcow2',
      format: 'qcow2',
      boot: true,
    },
  ],
  nics: [
    {
      id: 'ethernet0',
      mac: '00:50:56:9a:3c:11',
      model: 'vmxnet3',
      network: 'VM Network',
      connected: true,
      addresses: ['192.0.2.10/24'],
      guestNames: ['ens192'],
    },
  ],
  tags: {},
};

export function finding(severity: Severity, code: string, message: string, remedy: string): Finding {
  return { code, severity, subject: code.startsWith('host.') ? 'kvm-host-1' : 'web01', message, remedy };
}

export const noAcceleration = finding(
  Severity.WARN,
  'host.acceleration-broken',
  'Hardware virtualisation does not work on this host: /dev/kvm exists, but no machine starts with it.',
  'Machines run emulated, which is slow. Enable virtualisation in the firmware or in the hypervisor above.',
);

export const nameTaken = finding(
  Severity.BLOCK,
  'target.name-taken',
  'There is a machine named "web01" on the target.',
  'Give the restored machine another name, or remove the one that is there.',
);

const titles = { kvm: 'KVM (libvirt)', vmware: 'VMware vSphere' };

export function script(): Script {
  return {
    hello: {
      agentVersion: '0.1.0',
      sources: [{ kind: 'vmware', title: titles.vmware, optionSchemaJson: '{}', abilities: [] }],
      targetKinds: [
        {
          kind: 'kvm',
          title: titles.kvm,
          optionSchemaJson: JSON.stringify({
            type: 'object',
            properties: {
              pool: { type: 'string', default: 'default', description: 'Storage pool for the disks.' },
              verify: { type: 'boolean', default: true, description: 'Read every written disk back.' },
            },
            additionalProperties: false,
          }),
          abilities: ['restore', 'convert', 'rehearse'],
        },
      ],
      targets: [
        { name: 'lab', kind: 'kvm', networks: ['default', 'dmz'], reachable: true, problem: '' },
        { name: 'old-lab', kind: 'kvm', networks: [], reachable: false, problem: 'libvirt does not answer.' },
      ],
      repositories: [{ name: 'nas', location: '/srv/backups' }],
      hostFindings: [noAcceleration],
    },
    backups: [...backups()],
    check: {
      machine,
      findings: [noAcceleration],
      networks: ['default', 'dmz'],
      estimate: { copyBytes: 1_932_735_283n, seconds: 74 },
    },
  };
}

function* backups(): Generator<Script['backups'][number]> {
  for (const [index, name] of ['web01', 'web01', 'db01', 'mail', 'files'].entries()) {
    const day = String(7 - index).padStart(2, '0');
    yield {
      ref: { repository: 'nas', path: `${name}/2027-03-${day}`, backupId: `b-${name}-${day}` },
      platform: 'vmware',
      machineName: name,
      capturedAt: new Date(`2027-03-${day}T01:30:00Z`),
      parentId: index === 0 ? 'b-web01-06' : '',
      storedBytes: 900_000_000n * BigInt(index + 1),
      diskBytes: 16n * GiB,
      machine: { ...machine, name },
      findings:
        name === 'files'
          ? [
              finding(
                Severity.BLOCK,
                'disk.missing',
                'The disk "disks/scsi0-1.qcow2" is not in the backup.',
                'Copy the file back into the folder, or choose another backup.',
              ),
            ]
          : [],
    };
  }
}

const steps = ['analyse', 'validate', 'convert', 'deploy'];
const rehearsalSteps = ['analyse', 'validate', 'convert', 'rehearse'];
const step = (name: string, durationMs: bigint): Fact[] => [
  { $case: 'stepStarted', value: { step: name } },
  { $case: 'stepFinished', value: { step: name, durationMs } },
];

/** A run until its copy is under way. */
export const underWay: Fact[] = [
  { $case: 'started', value: { steps, agentVersion: '0.1.0' } },
  { $case: 'stepStarted', value: { step: 'analyse' } },
  { $case: 'machineRead', value: { machine } },
  { $case: 'stepFinished', value: { step: 'analyse', durationMs: 2140n } },
  { $case: 'finding', value: noAcceleration },
  ...step('validate', 3480n),
  { $case: 'stepStarted', value: { step: 'convert' } },
  {
    $case: 'fixApplied',
    value: {
      fix: 'linux.fstab-uuid',
      summary: 'File systems are found by UUID, no longer as /dev/sda1',
      files: ['/etc/fstab', '/boot/grub/grub.cfg'],
    },
  },
  {
    $case: 'fixApplied',
    value: {
      fix: 'linux.driver-segment',
      summary: 'Drivers for virtio disks and NICs appended to the initramfs',
      files: ['/boot/initrd.img-6.1.0-31-amd64'],
    },
  },
  {
    $case: 'fixApplied',
    value: {
      fix: 'linux.nic-name',
      summary: 'The NIC keeps the name ens192 and its address 192.0.2.10',
      files: ['/etc/systemd/network/10-ascend-ens192.link'],
    },
  },
];

/** What a twin has shown of the machine. */
export function rehearsed(
  verdict: RehearsalVerdict,
  story: { cause: string; message: string; remedy: string },
): Fact {
  const passed = verdict === RehearsalVerdict.PASSED;
  return {
    $case: 'rehearsalFinished',
    value: {
      verdict,
      ...story,
      observed: passed
        ? [
            'login prompt of web01 on the serial console',
            'screen: text',
            '1 of 1 NICs sent frames',
            '192.0.2.10 answers a ping',
          ]
        : ['screen: text'],
      fidelity: 'exact',
      statement:
        "QEMU's virtio-blk and virtio-net, which are the kinds that KVM (libvirt) has; nothing was started on KVM (libvirt) itself.",
      contents: [
        {
          about: 'storage',
          subject: 'Linux 6.1.0-31-amd64',
          holds: passed,
          proof: passed
            ? 'Its initramfs has a driver for virtio-blk: virtio_pci, virtio_blk.'
            : 'The initramfs of kernel 6.1.0-31-amd64 lacks a driver for virtio-blk: virtio_blk.',
        },
        {
          about: 'network',
          subject: 'Linux 6.1.0-31-amd64',
          holds: true,
          proof: 'It has the module virtio_net.',
        },
      ],
      evidence: '/var/lib/ascend-agent/evidence/01932f7e-6c1d-7a3e-9f5b-2f0d8c7a4e11',
      durationMs: 71_400n,
      screen: screenPicture(),
    },
  };
}

export const passedStory = { cause: '', message: 'The guest starts up to its login prompt.', remedy: '' };
export const rootMissing = {
  cause: 'root-missing',
  message:
    'The guest did not find the root disk (/dev/sda1). The cause: the initramfs of kernel 6.1.0-31-amd64 lacks a driver for virtio-blk: virtio_blk.',
  remedy: 'Convert it again with the fixes that "check" lists, and look at the findings about the initramfs.',
};

/** A rehearsal of its own, from its beginning to its end. */
export const rehearsalPassed: Fact[] = [
  { $case: 'started', value: { steps: rehearsalSteps, agentVersion: '0.1.0' } },
  ...step('analyse', 2140n),
  { $case: 'machineRead', value: { machine } },
  { $case: 'finding', value: noAcceleration },
  ...step('validate', 3480n),
  { $case: 'stepStarted', value: { step: 'convert' } },
  ...underWay.slice(-3),
  { $case: 'stepFinished', value: { step: 'convert', durationMs: 31_200n } },
  { $case: 'stepStarted', value: { step: 'rehearse' } },
  rehearsed(RehearsalVerdict.PASSED, passedStory),
  { $case: 'stepFinished', value: { step: 'rehearse', durationMs: 78_900n } },
  { $case: 'finished', value: { outcome: RunOutcome.SUCCEEDED, durationMs: 115_720n } },
];

/** A restore that ends with its rehearsal. */
export const rehearsalFailed: Fact[] = [
  { $case: 'started', value: { steps: [...rehearsalSteps, 'deploy'], agentVersion: '0.1.0' } },
  ...underWay.slice(1),
  { $case: 'stepFinished', value: { step: 'convert', durationMs: 31_200n } },
  { $case: 'stepStarted', value: { step: 'rehearse' } },
  rehearsed(RehearsalVerdict.FAILED, rootMissing),
  {
    $case: 'finished',
    value: {
      outcome: RunOutcome.FAILED,
      error: {
        code: 'rehearsal.failed',
        message: `The rehearsal failed: ${rootMissing.message}`,
        hint: rootMissing.remedy,
        step: 'rehearse',
      },
      durationMs: 81_000n,
    },
  },
];

/** The rest of it, to a machine that works. */
export function toSuccess(name: string): Fact[] {
  return [
    { $case: 'stepFinished', value: { step: 'convert', durationMs: 31_200n } },
    { $case: 'stepStarted', value: { step: 'deploy' } },
    {
      $case: 'diskWritten',
      value: {
        diskId: 'scsi0:0',
        location: `/var/lib/libvirt/images/${name}-scsi0-0.qcow2`,
        sizeBytes: 16n * GiB,
        writtenBytes: 1_932_735_283n,
        durationMs: 14_800n,
        verified: 'read-back',
      },
    },
    {
      $case: 'healthCheckPassed',
      value: { check: 'login-prompt', subject: 'serial console', observed: 'web01 login:' },
    },
    { $case: 'healthCheckPassed', value: { check: 'hostname', subject: 'web01', observed: 'web01' } },
    {
      $case: 'healthCheckPassed',
      value: { check: 'ping', subject: '192.0.2.10', observed: 'reply after 0.41 ms' },
    },
    { $case: 'stepFinished', value: { step: 'deploy', durationMs: 58_300n } },
    {
      $case: 'finished',
      value: {
        outcome: RunOutcome.SUCCEEDED,
        machine: {
          name,
          targetId: '5f0c7d1e-2b1a-4d0e-9a57-0c3d2f6b8e11',
          running: true,
          access: `virsh console ${name}`,
        },
        durationMs: 95_120n,
      },
    },
  ];
}

export const noSpace: Fact = {
  $case: 'finished',
  value: {
    outcome: RunOutcome.FAILED,
    error: {
      code: 'target.no-space',
      message: 'The pool "default" of target "lab" has 512 MiB left; the disks need 1.8 GiB.',
      hint: 'Free 1.3 GiB in /var/lib/libvirt/images, or choose another pool, then restore again.',
      step: 'deploy',
    },
    durationMs: 41_000n,
  },
};

export const cancelled: Fact = {
  $case: 'finished',
  value: {
    outcome: RunOutcome.CANCELLED,
    error: {
      code: 'run.cancelled',
      message: 'The run was cancelled.',
      hint: 'What it had made on the target is removed.',
      step: 'convert',
    },
    durationMs: 12_000n,
  },
};
