/** A machine from the settings of a VMX file. */
import { AscendError } from '../../../../proto/errors.ts';
import { Firmware, type Cpu, type Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../../source.ts';
import { Facts } from '../../facts.ts';
import { settleFirmware } from '../../firmware.ts';
import { firmwareOf } from '../firmware.ts';
import { guestOf } from '../guest-os.ts';
import { uuidOf } from '../uuid.ts';
import { disksOf } from './disks.ts';
import { nicsOf } from './nics.ts';
import type { Settings } from './settings.ts';

/** @throws source.invalid for a configuration that is encrypted as a whole. */
export function machineOf(vmx: Settings, file: string): SourcedMachine {
  refuseEncrypted(vmx, file);
  const facts = new Facts(file);
  const text = (fact: string, key: string) => facts.note(fact, vmx.get(key), key);
  const machine: Machine = {
    name: facts.name(vmx.get('displayname'), 'displayName'),
    platform: 'vmware',
    sourceId: facts.note('sourceId', uuidOf(vmx.get('uuid.bios')), 'uuid.bios'),
    guest: guestOf(vmx.get('guestos'), prettyName(vmx)),
    cpu: cpuOf(vmx, facts),
    memoryBytes: memoryOf(vmx, facts),
    ...bootOf(vmx, facts),
    tpm: facts.note('tpm', vmx.flag('vtpm.present') ?? false, 'vtpm.present'),
    disks: disksOf(vmx, facts),
    nics: nicsOf(vmx, facts),
    notes: text('notes', 'annotation'),
    tags: {},
  };
  for (const fact of ['id', 'family', 'arch']) facts.note(`guest.${fact}`, machine.guest?.id, 'guestOS');
  facts.note('guest.name', machine.guest?.name, 'guestInfo.detailed.data');
  return facts.of(machine);
}

function refuseEncrypted(vmx: Settings, file: string): void {
  // "partial" leaves the hardware readable: only secrets are encrypted then.
  const encrypted = vmx.get('encryption.data') ?? vmx.get('encryption.keysafe');
  if (encrypted === undefined || vmx.get('vmx.encryptiontype')?.toLowerCase() === 'partial') return;
  throw new AscendError(
    'source.invalid',
    `${file}: the VM is encrypted, so what it is made of cannot be read, nor can its disks.`,
    {
      context: { file },
      hint: 'Decrypt the VM on its platform (VM settings, Access Control or storage policy) and take the backup again.',
    },
  );
}

/** What VMware Tools last reported: `prettyName='Debian GNU/Linux 12 (bookworm)'` among others. */
function prettyName(vmx: Settings): string | undefined {
  for (const key of ['guestinfo.detailed.data', 'guestos.detailed.data']) {
    const name = /prettyName='([^']{1,255})'/.exec(vmx.get(key) ?? '')?.[1];
    if (name) return name;
  }
  return undefined;
}

// Absent keys of these have a meaning in a VMX: one vCPU, one core a socket.
function cpuOf(vmx: Settings, facts: Facts): Cpu {
  const count = facts.note('cpu.count', atLeastOne(vmx.number('numvcpus')), 'numvcpus');
  const cores = atLeastOne(vmx.number('cpuid.corespersocket'));
  const coresPerSocket = facts.note('cpu.coresPerSocket', cores, 'cpuid.coresPerSocket');
  const sockets = Math.ceil(count / coresPerSocket);
  return { count, sockets: facts.note('cpu.sockets', sockets, 'cpuid.coresPerSocket'), coresPerSocket };
}

function atLeastOne(count: number | undefined): number {
  return Math.max(1, count ?? 1);
}

function memoryOf(vmx: Settings, facts: Facts): bigint | undefined {
  const mebibytes = vmx.number('memsize');
  const bytes = mebibytes === undefined ? undefined : BigInt(mebibytes) * 1024n * 1024n;
  return facts.note('memoryBytes', bytes, 'memSize');
}

/** Absent are BIOS and off. */
function bootOf(vmx: Settings, facts: Facts): Pick<Machine, 'firmware' | 'secureBoot'> {
  const stated = firmwareOf(vmx.get('firmware'));
  return settleFirmware(
    {
      firmware: { value: stated === Firmware.UNSPECIFIED ? Firmware.BIOS : stated, key: 'firmware' },
      secureBoot: { value: vmx.flag('uefi.secureboot.enabled') ?? false, key: 'uefi.secureBoot.enabled' },
    },
    facts,
  );
}
