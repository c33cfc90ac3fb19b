/** The NICs of a VMX file, in the order of their numbers. */
import type { Nic } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { Facts } from '../../facts.ts';
import { macFindings, macOf } from '../../mac.ts';
import { guestNames } from '../nic-names.ts';
import type { Settings } from './settings.ts';

export function nicsOf(vmx: Settings, facts: Facts): Nic[] {
  const indices: number[] = [];
  for (const key of vmx.keys()) {
    const index = /^ethernet(\d{1,2})\.present$/.exec(key)?.[1];
    if (index !== undefined && index === String(Number(index)) && vmx.flag(key)) indices.push(Number(index));
  }
  return indices.sort((a, b) => a - b).map((index) => nicOf(vmx, facts, index));
}

function nicOf(vmx: Settings, facts: Facts, index: number): Nic {
  const id = `ethernet${index}`;
  const slot = vmx.number(`${id}.pcislotnumber`);
  const model = vmx.get(`${id}.virtualdev`)?.toLowerCase();
  const connected = vmx.flag(`${id}.startconnected`) ?? true;
  return {
    id,
    mac: macFor(vmx, facts, id),
    model: facts.note(`nics.${id}.model`, model, `${id}.virtualDev`),
    network: networkFor(vmx, facts, id),
    connected: facts.note(`nics.${id}.connected`, connected, `${id}.startConnected`),
    addresses: [],
    guestNames: guestNames(slot, index),
  };
}

function macFor(vmx: Settings, facts: Facts, id: string): string | undefined {
  const fixed = vmx.get(`${id}.addresstype`)?.toLowerCase() === 'static';
  const key = `${id}.${fixed ? 'address' : 'generatedAddress'}`;
  const written = vmx.get(key);
  const mac = macOf(written);
  facts.findings.push(...macFindings(id, written, facts.file));
  return facts.note(`nics.${id}.mac`, mac, key);
}

/** ESXi names a port group; Workstation and Fusion a virtual switch or a kind of connection. */
function networkFor(vmx: Settings, facts: Facts, id: string): string | undefined {
  for (const name of ['networkName', 'dvs.portgroupId', 'opaqueNetwork.id', 'vnet', 'connectionType']) {
    const network = vmx.get(`${id}.${name}`);
    if (network !== undefined) return facts.note(`nics.${id}.network`, network, `${id}.${name}`);
  }
  return undefined;
}
