/** What a guest must become: what the target asks for, and what the user decided for this restore. */
import { isIP } from 'node:net';
import { AscendError } from '../../proto/errors.ts';
import { Firmware, type Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { RestoreOptions } from '../../proto/gen/ascend/v1/run.ts';
import type { Addressing, GuestRequirements } from '../guests/requirements.ts';
import type { ChosenDestination } from './validate.ts';

/**
 * The machine as `placementOf` has it: it has the firmware that was decided.
 * @throws usage.invalid where an address is none, or the target's options ask for another firmware
 */
export function wantsOf(
  machine: Machine,
  { target, options }: ChosenDestination,
  { addresses = {}, firmware }: Partial<Pick<RestoreOptions, 'addresses' | 'firmware'>> = {},
): GuestRequirements {
  const wants = target.requirements(machine, options);
  if (firmware && wants.firmware !== firmware) throw contradictory(firmware);
  const decided = new Map(
    Object.entries(addresses).map(([id, text]) => [macOf(machine, id), addressingOf(id, text)]),
  );
  const nics = wants.nics.map((nic) => ({ ...nic, addressing: decided.get(nic.mac) ?? nic.addressing }));
  return { ...wants, nics, convertFirmware: Boolean(firmware) };
}

function contradictory(firmware: Firmware): AscendError {
  const [asked, other] = firmware === Firmware.UEFI ? ['uefi', 'BIOS'] : ['bios', 'UEFI'];
  return new AscendError(
    'usage.invalid',
    `--firmware ${asked}: the options of the target ask for ${other}.`,
    {
      hint: 'Leave out --firmware, or the option of the target (generation, for instance).',
    },
  );
}

function macOf({ nics }: Machine, id: string): string {
  const nic = nics.find((candidate) => candidate.id === id);
  if (nic?.mac) return nic.mac;
  const why = nic ? `${id} has no MAC address to know it by in the guest` : `The machine has no NIC ${id}`;
  const have = nics.filter(({ mac }) => mac).map((candidate) => candidate.id);
  throw new AscendError('usage.invalid', `--ip ${id}: ${why}.`, {
    hint: `NICs that can be given an address: ${have.join(', ') || 'none'}.`,
  });
}

function addressingOf(id: string, text: string): Addressing {
  if (text === 'dhcp') return 'dhcp';
  const [cidr = '', gateway, ...dns] = text.split(',');
  const [address = '', prefix = '', ...more] = cidr.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  const isCidr = isIP(address) > 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits && more.length === 0;
  const others = [...(gateway ? [gateway] : []), ...dns];
  if (isCidr && others.every((each) => isIP(each) > 0)) return { cidr, gateway: gateway || undefined, dns };
  throw new AscendError('usage.invalid', `--ip ${id}=${text} is no address.`, {
    hint: 'Write NIC=ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...], e.g. ethernet0=10.0.0.5/24,10.0.0.1,10.0.0.53; or NIC=dhcp.',
  });
}
