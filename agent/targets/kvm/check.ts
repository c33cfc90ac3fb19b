/** What stands in the way of a restore to this libvirt, asked without changing anything. */
import { AscendError } from '../../../proto/errors.ts';
import { block } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Placement, TargetContext } from '../target.ts';
import { accelerationFindings } from '../../host/acceleration.ts';
import { targetNetworks } from './networks.ts';
import type { KvmOptions } from './options.ts';
import { connectLibvirt, type Libvirt } from './virsh.ts';

export async function checkKvm(
  placement: Placement,
  options: KvmOptions,
  context: TargetContext,
): Promise<Finding[]> {
  const libvirt = connectLibvirt(options.uri, context.exec, context.signal);
  try {
    await libvirt.version();
  } catch (error) {
    if (!(error instanceof AscendError) || error.code !== 'target.unreachable') throw error;
    return [block('target.unreachable', options.uri, error.message, error.hint ?? '')];
  }
  return [
    ...machineFindings(placement),
    ...(await nameFindings(placement, libvirt)),
    ...(await poolFindings(placement, options, libvirt)),
    ...(await networkFindings(placement, options, libvirt)),
    ...accelerationFindings(await context.acceleration()),
  ];
}

function machineFindings({ machine }: Placement): Finding[] {
  const findings: Finding[] = [];
  if (machine.memoryBytes === undefined || machine.cpu?.count === undefined) {
    const message = 'The backup does not say how much memory or how many processors the machine has.';
    findings.push(
      block(
        'machine.size-unknown',
        machine.name,
        message,
        'Add the missing setting to the metadata of the backup.',
      ),
    );
  }
  const { arch } = machine.guest ?? {};
  if (arch !== undefined && arch !== 'x86_64' && arch !== 'i686') {
    findings.push(
      block(
        'machine.arch',
        machine.name,
        `The guest is for ${arch}; this target runs x86 guests.`,
        'Restore it to a host of that architecture.',
      ),
    );
  }
  return findings;
}

async function nameFindings({ name }: Placement, libvirt: Libvirt): Promise<Finding[]> {
  // What libvirt and the file names of volumes both take.
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._+ -]{0,199}$/u.test(name)) {
    const message = `${JSON.stringify(name)} cannot be a machine's name here.`;
    return [
      block(
        'target.name-invalid',
        name,
        message,
        'Choose a name of letters, digits, . _ + - and spaces with --name.',
      ),
    ];
  }
  const uuid = await libvirt.domainUuid(name);
  if (uuid === undefined) return [];
  const message = `A machine named ${name} exists on this target (${uuid}).`;
  return [
    block(
      'target.name-taken',
      name,
      message,
      'Restore under another name with --name, or rename the one that is there.',
    ),
  ];
}

async function poolFindings(
  { copyBytes }: Placement,
  { pool }: KvmOptions,
  libvirt: Libvirt,
): Promise<Finding[]> {
  const pools = await libvirt.pools();
  if (!pools.includes(pool)) {
    const message = `There is no storage pool named ${pool}; there ${pools.length ? `is: ${pools.join(', ')}` : 'is none at all'}.`;
    return [
      block(
        'target.pool-missing',
        pool,
        message,
        `Make it (virsh pool-define-as ${pool} dir --target PATH), or set another pool.`,
      ),
    ];
  }
  const { active, availableBytes } = await libvirt.pool(pool);
  if (!active) {
    return [
      block(
        'target.pool-inactive',
        pool,
        `Storage pool ${pool} is not started.`,
        `Start it: virsh pool-start ${pool}`,
      ),
    ];
  }
  if (availableBytes >= copyBytes) return [];
  const message = `The restore needs ${copyBytes} bytes in storage pool ${pool}, which has ${availableBytes} left.`;
  return [block('target.no-space', pool, message, 'Free space in the pool, or choose another pool.')];
}

async function networkFindings(
  placement: Placement,
  options: KvmOptions,
  libvirt: Libvirt,
): Promise<Finding[]> {
  const there = await libvirt.networks();
  const available = there.length ? `It has: ${there.join(', ')}.` : 'It has no active network.';
  return targetNetworks(placement, options).flatMap((network, index) => {
    const source = placement.machine.nics[index]?.network ?? '';
    const nic = placement.machine.nics[index]?.id ?? String(index);
    if (network === undefined) {
      const message = `Nothing says which network of the target ${nic} (${JSON.stringify(source)} on the source) belongs to. ${available}`;
      return [
        block('network.unmapped', nic, message, `Map it: --network ${JSON.stringify(`${source}=NETWORK`)}`),
      ];
    }
    if (there.includes(network)) return [];
    const message = `${nic} is mapped to network ${network}, which is not active on this target. ${available}`;
    return [
      block(
        'network.missing',
        nic,
        message,
        `Start it (virsh net-start ${network}), or map the NIC to another network.`,
      ),
    ];
  });
}
