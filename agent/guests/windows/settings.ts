/** Settings of Windows that decide whether a machine is reached, and seen, on other hardware. */
import type { Fix } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import { SERVICE, serviceStart } from './control-sets.ts';
import type { Installation } from './facts.ts';
import { registryFix } from './planned.ts';
import { setValue, type RegistryEdit } from './registry/edits.ts';
import { asNumber, asText, dword, text } from './registry/registry.ts';

export function planSettings(guest: Installation, wants: GuestRequirements): Fix[] {
  const fix = (name: string, summary: string, editsOf: (set: string) => RegistryEdit[]) =>
    registryFix(
      name,
      summary,
      { path: guest.mounted.systemHive, registry: guest.system },
      guest.controlSets.flatMap(editsOf),
    );
  return [
    ...fix(
      'windows.disks-online',
      'Brings data disks online on the new bus: servers leave disks that they meet there offline.',
      (set) => [setValue(`${set}\\Services\\partmgr\\Parameters`, 'SanPolicy', dword(1))],
    ),
    ...fix(
      'windows.stop-screen',
      'Leaves a stop screen on display instead of restarting, until the first start has gone well.',
      (set) => stopScreen(guest, set),
    ),
    ...(wants.cloud === undefined ? [] : cloudFixes(guest, fix)),
  ];
}

/** What AutoReboot was, for the first start to set it again. */
export const KEPT_AUTO_REBOOT = 'AscendAutoReboot';

function stopScreen({ system }: Installation, set: string): RegistryEdit[] {
  const key = `${set}\\Control\\CrashControl`;
  if (!system.hasKey(key) || asNumber(system.value(key, 'AutoReboot')) === 0) return [];
  return [setValue(key, KEPT_AUTO_REBOOT, dword(1)), setValue(key, 'AutoReboot', dword(0))];
}

type MakeFix = (name: string, summary: string, editsOf: (set: string) => RegistryEdit[]) => Fix[];

/** Source: Microsoft Learn, "Prepare a Windows VHD or VHDX to upload to Azure"; AWS EC2 User Guide, "Set the time". */
function cloudFixes(guest: Installation, fix: MakeFix): Fix[] {
  return [
    ...fix('windows.clock', "Reads the machine's clock as UTC, which clouds set it to.", (set) => [
      setValue(`${set}\\Control\\TimeZoneInformation`, 'RealTimeIsUniversal', dword(1)),
    ]),
    ...fix('windows.dhcp', 'Starts the DHCP client: the cloud gives the address.', (set) => [
      setValue(`${set}\\Services\\Dhcp`, 'Start', dword(SERVICE.automatic)),
    ]),
    ...fix(
      'windows.remote-desktop',
      'Allows Remote Desktop, which is how a Windows machine in a cloud is reached; who may sign in does not change.',
      (set) => remoteDesktop(guest, set),
    ),
  ];
}

const FIREWALL = 'Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules';
const INBOX_RULE = 'RemoteDesktop-UserMode-In-TCP';
const OWN_RULE =
  'v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\\system32\\svchost.exe|Svc=termservice|Name=Remote Desktop (TCP-In)|';
const ON_DEMAND = 3;

function remoteDesktop({ system }: Installation, set: string): RegistryEdit[] {
  const rule = asText(system.value(`${set}\\${FIREWALL}`, INBOX_RULE));
  return [
    setValue(`${set}\\Control\\Terminal Server`, 'fDenyTSConnections', dword(0)),
    setValue(
      `${set}\\${FIREWALL}`,
      rule === undefined ? 'Ascend-RemoteDesktop-In-TCP' : INBOX_RULE,
      text(rule?.replace('|Active=FALSE|', '|Active=TRUE|') ?? OWN_RULE),
    ),
    ...(serviceStart(system, set, 'TermService') === SERVICE.disabled
      ? [setValue(`${set}\\Services\\TermService`, 'Start', dword(ON_DEMAND))]
      : []),
  ];
}
