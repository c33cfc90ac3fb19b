/** An instance as a machine. */
import { block } from '../../../proto/finding.ts';
import { Origins } from '../origins.ts';
import type { SourcedMachine } from '../source.ts';
import type { Answer } from './answer.ts';
import { disksOf, reportInstanceStore } from './disks.ts';
import { textFact } from './fact.ts';
import { firmwareOf } from './firmware.ts';
import { guestOf, reportForeignBoot } from './guest.ts';
import { cpuOf, memoryOf, reportUnknownType, tpmOf } from './hardware.ts';
import { stated, type Instance } from './instance.ts';
import type { Inventory } from './inventory.ts';
import { nicsOf } from './nics.ts';
import { nameOf, tagsOf } from './tags.ts';

export function machineOf(id: string, answer: Answer, inventory: Inventory): SourcedMachine {
  const instance: Instance = {
    id,
    answer,
    inventory,
    image: inventory.image(answer.get('ImageId').text()),
    type: inventory.type(inventory.about(answer, 'InstanceType').text()),
    origins: new Origins(),
    findings: [],
  };
  const { disks, references } = disksOf(instance);
  const machine = {
    name: nameOf(instance),
    platform: 'ec2',
    sourceId: instance.origins.keep('sourceId', textFact(answer.get('InstanceId'))),
    guest: guestOf(instance),
    cpu: cpuOf(instance),
    memoryBytes: memoryOf(instance),
    firmware: firmwareOf(instance),
    tpm: tpmOf(instance),
    disks,
    nics: nicsOf(instance),
    tags: tagsOf(instance),
  };
  if (disks.length === 0 && isGone(instance)) reportGone(instance);
  else reportInstanceStore(instance);
  reportForeignBoot(instance);
  reportUnknownType(instance);
  return {
    machine,
    from: answer.file,
    origins: instance.origins,
    diskReferences: references,
    findings: instance.findings,
  };
}

function isGone(instance: Instance): boolean {
  const state = stated(instance, 'State').get('Name').text();
  return state === 'terminated' || state === 'shutting-down';
}

/** EC2 takes disks and interfaces off an instance that ends, and forgets it an hour later. */
function reportGone({ id, findings, answer }: Instance): void {
  const message = `${id} was terminated when ${answer.file} was written: its disks and network interfaces are gone from it.`;
  const remedy = 'Use the output of aws ec2 describe-instances from before it was terminated.';
  findings.push(block('machine.terminated', id, message, remedy));
}
