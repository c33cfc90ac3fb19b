/** What every way of configuring the network has in common: it names NICs, by name or by MAC, and gives them addresses. */
import type { StaticAddressing } from '../../requirements.ts';

export interface NetworkFile {
  path: string;
  text: string;
}

export interface ConfiguredNic {
  path: string;
  /** As the kernel names it; undefined where only the MAC tells. */
  name: string | undefined;
  /** Lower case, colon separated; undefined where only the name tells. */
  mac: string | undefined;
}

export interface NetworkStack {
  readonly title: string;
  /** Where its files lie: folder, and the names in it. */
  readonly places: readonly (readonly [string, RegExp])[];
  nics(file: NetworkFile): ConfiguredNic[];
  /** The same file with another addressing for one of its NICs. Doing it twice changes nothing more. */
  readdress(file: NetworkFile, nic: ConfiguredNic, wish: AddressWish): string;
}

export interface AddressWish {
  addressing: 'dhcp' | StaticAddressing;
  /** False where the target gives the NIC another MAC: a match by the old one would never hold. */
  macStays: boolean;
}

/** e.g. "00:50:56:AB:CD:EF" or "00-50-56-ab-cd-ef"; undefined for anything else. */
export function asMac(text: string | undefined): string | undefined {
  const mac = text?.trim().toLowerCase().replaceAll('-', ':');
  return mac !== undefined && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? mac : undefined;
}

export function isV6({ cidr }: StaticAddressing): boolean {
  return cidr.includes(':');
}

/** Without the quotes of a shell's assignment. */
export function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value.trim())?.[2] ?? value.trim();
}
