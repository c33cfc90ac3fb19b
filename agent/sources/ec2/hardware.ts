/** What the instance's type decides: CPUs, memory, TPM. */
import type { Cpu } from '../../../proto/gen/ascend/v1/machine.ts';
import { info } from '../../../proto/finding.ts';
import type { Fact } from '../origins.ts';
import { fact } from './fact.ts';
import { stated, statedOrImage, type Instance } from './instance.ts';
import { tableDate } from './type-table.ts';

const MIB = 1n << 20n;
// EC2's largest has 1,920.
const MOST_CPUS = 1n << 16n;

/** DescribeInstances never states memory: it is the type's alone. */
export function memoryOf({ type, origins }: Instance): bigint | undefined {
  if (type?.memoryMiB === undefined) return undefined;
  return origins.keep('memoryBytes', fact(BigInt(type.memoryMiB) * MIB, type.place));
}

export function cpuOf(instance: Instance): Cpu | undefined {
  const count = instance.origins.keep('cpu.count', ownCpus(instance) ?? cpusOfType(instance));
  return count === undefined ? undefined : { count };
}

/** A vCPU is a thread of a core, and an instance can be given fewer of both than its type has. */
function ownCpus(instance: Instance): Fact<number> | undefined {
  const options = stated(instance, 'CpuOptions');
  const cores = options.get('CoreCount').whole() ?? 0n;
  const threads = options.get('ThreadsPerCore').whole() ?? 0n;
  const count = cores * threads;
  return count > 0n && count <= MOST_CPUS ? fact(Number(count), options) : undefined;
}

function cpusOfType({ type }: Instance): Fact<number> | undefined {
  if (type?.cores === undefined || type.threadsPerCore === undefined) return undefined;
  return fact(type.cores * type.threadsPerCore, type.place);
}

/** @returns false where the type cannot have a TPM; undefined where that is open. */
export function tpmOf(instance: Instance): boolean | undefined {
  const support = statedOrImage(instance, 'TpmSupport');
  if (support.text() !== undefined) return instance.origins.keep('tpm', fact(true, support));
  const { type, origins } = instance;
  return type?.nitroTpm === false ? origins.keep('tpm', fact(false, type.place)) : undefined;
}

/** Says how to supply what a type that is not known would tell. */
export function reportUnknownType(instance: Instance): void {
  const name = stated(instance, 'InstanceType').text();
  if (instance.type || name === undefined) return;
  instance.findings.push(
    info(
      'machine.instance-type-unknown',
      instance.id,
      `The instance type ${name} is not among those known as of ${tableDate()}: how much memory it has is not in the backup.`,
      `Put the output of "aws ec2 describe-instance-types --instance-types ${name}" beside ${instance.answer.file}.`,
    ),
  );
}
