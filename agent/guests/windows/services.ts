/** Agents of other hypervisors: they look for hardware that is gone, and some hang the start while they do. */
import type { Fix } from '../fix.ts';
import type { GuestAgent } from '../requirements.ts';
import { SERVICE, serviceStart } from './control-sets.ts';
import type { Installation } from './facts.ts';
import { registryFix } from './planned.ts';
import { setValue } from './registry/edits.ts';
import { dword } from './registry/registry.ts';

/**
 * Services, and drivers that only they use. Filters in the stack of a disk, a mouse or a bus are not among them
 * (vmmouse, xenfilt, VBoxMouse): Windows does not start a device whose filter is disabled. Hyper-V's are part of
 * Windows and start only where there is a VMBus.
 */
export const AGENTS: Readonly<Partial<Record<GuestAgent, readonly string[]>>> = {
  'vmware-tools': [
    'VMTools',
    'VGAuthService',
    'vmvss',
    'vm3dservice',
    'vmhgfs',
    'vmmemctl',
    'vmci',
    'vsock',
    'vmrawdsk',
  ],
  'qemu-guest-agent': [
    'QEMU-GA',
    'QEMU Guest Agent VSS Provider',
    'BalloonService',
    'vdservice',
    'spice-agent',
  ],
  'xe-guest-utilities': ['xenagent', 'xensvc', 'xenlite'],
  'azure-agent': ['WindowsAzureGuestAgent', 'RdAgent', 'WindowsAzureTelemetryService'],
  'ssm-agent': ['AmazonSSMAgent', 'Ec2Config', 'Amazon EC2Launch', 'AWSLiteAgent'],
};
/** Of platforms that are no target: VirtualBox, Nutanix, Parallels. */
const OTHERS = ['VBoxService', 'VBoxSF', 'Nutanix Guest Tools Agent', 'Parallels Tools Service'];

export function planServices(guest: Installation, wanted: GuestAgent | undefined): Fix[] {
  const foreign = [
    ...Object.entries(AGENTS).flatMap(([agent, services]) => (agent === wanted ? [] : services)),
    ...OTHERS,
  ];
  const edits = guest.controlSets.flatMap((set) =>
    foreign
      .filter((service) => serviceStart(guest.system, set, service) !== undefined)
      .map((service) => setValue(`${set}\\Services\\${service}`, 'Start', dword(SERVICE.disabled))),
  );
  return registryFix(
    'windows.foreign-agents',
    'Disables the agents of other hypervisors: what they talk to is not there any more.',
    { path: guest.mounted.systemHive, registry: guest.system },
    edits,
  );
}
