/** A machine from a VirtualMachineConfigInfo of the vSphere API. Source: vSphere Web Services API reference, 8.0. */
import { info } from '../../../../proto/finding.ts';
import type { Cpu, Guest, Machine } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { SourcedMachine } from '../../source.ts';
import { Facts } from '../../facts.ts';
import { settleFirmware } from '../../firmware.ts';
import { firmwareOf } from '../firmware.ts';
import { guestOf } from '../guest-os.ts';
import { uuidOf } from '../uuid.ts';
import { Devices } from './devices.ts';
import { disksOf } from './disks.ts';
import type { FoundMachine } from './find.ts';
import { nicsOf } from './nics.ts';
import { smallNumber, type VimNode } from './node.ts';

export function machineOf({ config, guest }: FoundMachine, file: string): SourcedMachine {
  const facts = new Facts(file);
  const devices = new Devices(config);
  const note = <T>(fact: string, value: T, { where }: VimNode): T => facts.note(fact, value, where);
  const annotation = config.get('annotation');
  const machine: Machine = {
    name: facts.name(nameOf(config), config.get('name').where),
    platform: 'vmware',
    sourceId: note('sourceId', uuidOf(config.get('uuid').text()), config.get('uuid')),
    guest: guestIn(config, facts),
    cpu: cpuOf(config.get('hardware'), facts),
    memoryBytes: memoryOf(config.get('hardware', 'memoryMB'), facts),
    ...bootOf(config, facts),
    tpm: note('tpm', devices.hasTpm, config.get('hardware', 'device')),
    disks: disksOf(config, devices, facts),
    nics: nicsOf(devices, guest, facts),
    notes: note('notes', annotation.text(), annotation),
    tags: {},
  };
  if (config.get('template').flag() === true) {
    const message = `${machine.name} was a template when it was described; it is restored as a VM.`;
    facts.findings.push(info('machine.template', file, message, 'Nothing to do.'));
  }
  return facts.of(machine);
}

/** vSphere writes a slash, a backslash and a percent sign in names as URIs do. */
function nameOf(config: VimNode): string | undefined {
  return config.get('name').text()?.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\').replaceAll('%25', '%');
}

function guestIn(config: VimNode, facts: Facts): Guest {
  const [id, name] = [config.get('guestId'), config.get('guestFullName')];
  const guest = guestOf(id.text(), name.text());
  for (const fact of ['id', 'family', 'arch']) facts.note(`guest.${fact}`, guest.id, id.where);
  facts.note('guest.name', guest.name, name.where);
  return guest;
}

function cpuOf(hardware: VimNode, facts: Facts): Cpu {
  const [all, perSocket] = [hardware.get('numCPU'), hardware.get('numCoresPerSocket')];
  const count = smallNumber(all) ?? 0;
  if (count === 0) return {};
  facts.note('cpu.count', count, all.where);
  const coresPerSocket = smallNumber(perSocket) ?? 0;
  // 0: left to the host (vSphere 8).
  if (coresPerSocket === 0) return { count };
  facts.note('cpu.coresPerSocket', coresPerSocket, perSocket.where);
  return {
    count,
    coresPerSocket,
    sockets: facts.note('cpu.sockets', Math.ceil(count / coresPerSocket), perSocket.where),
  };
}

function memoryOf(node: VimNode, facts: Facts): bigint | undefined {
  const mebibytes = smallNumber(node);
  return facts.note(
    'memoryBytes',
    mebibytes === undefined ? undefined : BigInt(mebibytes) * 1024n * 1024n,
    node.where,
  );
}

function bootOf(config: VimNode, facts: Facts): Pick<Machine, 'firmware' | 'secureBoot'> {
  const firmware = config.get('firmware');
  const secureBoot = config.get('bootOptions', 'efiSecureBootEnabled');
  return settleFirmware(
    {
      firmware: { value: firmwareOf(firmware.text()), key: firmware.where },
      secureBoot: { value: secureBoot.flag(), key: secureBoot.where },
    },
    facts,
  );
}
