/** What was found in a Windows guest, for people. */
import type { GuestFact } from '../description.ts';
import { serviceStart, SERVICE } from './control-sets.ts';
import { SUPPLIED } from './drivers/boot-drivers.ts';
import type { Installation } from './facts.ts';
import { configuredInterfaces, type Interface } from './interfaces.ts';
import { AGENTS } from './services.ts';
import { FIRST_BUILD_WITH_DRIVER_DATABASE } from './version.ts';

export function describeWindows(guest: Installation): { name: string; facts: GuestFact[] } {
  const { version, mounted, controlSets, currentControlSet, system } = guest;
  const set = currentControlSet ?? '';
  const facts: GuestFact[] = [
    fact('release', 'Release', [`build ${version.build}`, version.arch ?? 'unknown processor']),
    fact('firmware', 'Starts by', [
      ...(mounted.esp ? ['UEFI'] : []),
      ...(mounted.biosBootData === undefined ? [] : ['BIOS']),
    ]),
    fact('volume', 'Volume', [mounted.state, ...(mounted.markedForCheck ? ['marked for a check'] : [])]),
    fact('registry', 'Registry', [guest.hives]),
    fact(
      'controlSets',
      'Control sets',
      controlSets.map((name) => (name === currentControlSet ? `${name} (current)` : name)),
    ),
    fact('diskDrivers', 'Disk drivers started at boot', bootDrivers(guest, set)),
    fact('driverDatabase', 'Drivers are looked up in', [
      version.build < FIRST_BUILD_WITH_DRIVER_DATABASE ? 'CriticalDeviceDatabase' : 'DriverDatabase',
    ]),
    fact('addresses', 'Static addresses', configuredInterfaces(system, set).flatMap(addressesOf)),
    fact('agents', 'Agents', enabledAgents(guest, set)),
    fact(
      'supplied',
      'Drivers supplied for it',
      guest.supplied.map(({ name, from }) => `${name} (${from})`),
    ),
  ];
  return { name: version.name, facts };
}

function fact(name: string, title: string, values: readonly string[]): GuestFact {
  return { name, title, values };
}

/** Of those that a target may ask for. */
function bootDrivers({ system }: Installation, set: string): string[] {
  const supplied = Object.values(SUPPLIED).map(({ service }) => service);
  const known = ['LSI_SAS', 'storahci', 'msahci', 'stornvme', 'storvsc', 'intelide', 'xenvbd', ...supplied];
  return known.filter((service) => serviceStart(system, set, service) === SERVICE.boot);
}

function addressesOf({ addresses, ipv6, mac }: Interface): string[] {
  const all = [...addresses, ...(ipv6?.addresses ?? [])].map(({ address }) => address);
  return all.map((address) => `${address} (${mac ?? 'MAC unknown'})`);
}

function enabledAgents({ system }: Installation, set: string): string[] {
  return Object.entries(AGENTS).flatMap(([agent, services]) => {
    const starts = services.map((service) => serviceStart(system, set, service));
    return starts.some((start) => start !== undefined && start !== SERVICE.disabled) ? [agent] : [];
  });
}
