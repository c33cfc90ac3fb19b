/** The sets of settings that Windows may start with. CurrentControlSet does not exist while it is off. */
import { asNumber, type Registry } from './registry/registry.ts';

/** All of them, e.g. ["ControlSet001", "ControlSet002"]: the last known good one may be started too. */
export function controlSets(system: Registry): string[] {
  return system.subkeys('').filter((name) => /^ControlSet\d{3}$/i.test(name));
}

/** The one that Windows starts with next. */
export function currentControlSet(system: Registry): string | undefined {
  const number = asNumber(system.value('Select', 'Current'));
  const name = `controlset${String(number ?? 0).padStart(3, '0')}`;
  return controlSets(system).find((set) => set.toLowerCase() === name);
}

export const SERVICE = {
  boot: 0,
  automatic: 2,
  disabled: 4,
} as const;

export function serviceStart(system: Registry, controlSet: string, service: string): number | undefined {
  return asNumber(system.value(`${controlSet}\\Services\\${service}`, 'Start'));
}
