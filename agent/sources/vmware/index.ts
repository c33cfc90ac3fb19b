/** Source VMware: a VMX file. What was proven, and against what: README.md. */
import { AscendError } from '../../../proto/errors.ts';
import { info } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import type { MetadataFile, Source } from '../source.ts';
import { machineOf } from './machine.ts';
import { parseVmx } from './vmx.ts';

export const vmware: Source = {
  kind: 'vmware',
  title: 'VMware',
  detect: (files) => files.some(isVmx),
  read(files) {
    const file = files.find(isVmx);
    if (!file) {
      throw new AscendError(
        'source.invalid',
        `None of ${files.map(({ path }) => path).join(', ')} is a VMX file.`,
        {
          hint: "Add the VM's .vmx file to the metadata of the backup.",
        },
      );
    }
    const machine = machineOf(parseVmx(file.content, file.path), file.path);
    return { machine, findings: findingsOf(machine, file.path) };
  },
};

function isVmx(file: MetadataFile): boolean {
  const head = file.content.subarray(0, 64 * 1024).toString('latin1');
  return /^[ \t]*(config\.version|virtualhw\.version|\.encoding)[ \t]*=/im.test(head);
}

function findingsOf(machine: Machine, file: string): Finding[] {
  const findings: Finding[] = [];
  if (machine.name === '') {
    findings.push(
      info('machine.name-missing', file, `${file} gives the machine no name.`, 'Name it with --name.'),
    );
  }
  if (machine.memoryBytes === undefined) {
    findings.push(
      info(
        'machine.memory-unknown',
        file,
        `${file} does not say how much memory the machine has.`,
        'Add a memsize line.',
      ),
    );
  }
  for (const disk of machine.disks) {
    if (!/-\d{6}\.vmdk$/i.test(disk.label ?? '')) continue;
    const message = `A snapshot was open on ${disk.id} (${disk.label}) when the backup was taken; its newest state is restored.`;
    findings.push(info('disk.snapshot-open', disk.id, message, 'Nothing to do.'));
  }
  for (const nic of machine.nics) {
    if (nic.mac) continue;
    const message = `${file} gives ${nic.id} no MAC address that can be used: the machine was never started with it.`;
    findings.push(
      info('nic.mac-missing', nic.id, message, 'The target makes one; check addresses that are bound to it.'),
    );
  }
  return findings;
}
