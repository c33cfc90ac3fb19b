/**
 * IPv4 addresses that a Linux guest's files give it. Read loosely, whatever sets its network up: whoever asks looks for
 * them on the wire, and so one too many does no harm to the guest.
 */
import { isIPv4 } from 'node:net';
import type { GuestFiles } from './files.ts';

const FILES = ['/etc/network/interfaces'];
const FOLDERS = [
  '/etc/network/interfaces.d',
  '/etc/netplan',
  '/etc/NetworkManager/system-connections',
  '/etc/sysconfig/network-scripts',
  '/etc/sysconfig/network',
  '/etc/systemd/network',
];
// A server has some ten files and addresses there; a hostile guest as many as it likes.
const MOST_FILES = 100;
const MOST_ADDRESSES = 32;

export async function configuredAddresses(guest: Pick<GuestFiles, 'readText' | 'list'>): Promise<string[]> {
  const paths = [...FILES];
  for (const folder of FOLDERS)
    for (const name of await guest.list(folder))
      if (paths.length < MOST_FILES) paths.push(`${folder}/${name}`);
  const found = new Set<string>();
  for (const path of paths)
    for (const address of addressesIn((await guest.readText(path)) ?? '')) found.add(address);
  return [...found].slice(0, MOST_ADDRESSES);
}

const IP = String.raw`(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})`;
const LINES: readonly RegExp[] = [
  // ifupdown: "address 10.0.0.5/24" or with a netmask of its own
  new RegExp(`^address ${IP}(?:/|$)`),
  // ifcfg and wicked: IPADDR=10.0.0.5, IPADDR0="10.0.0.5/24"
  new RegExp(`^IPADDR\\w{0,8}=['"]?${IP}`),
  // systemd-networkd and NetworkManager: Address=10.0.0.5/24, address1=10.0.0.5/24,10.0.0.1
  new RegExp(`^address\\d{0,3} ?= ?${IP}/`, 'i'),
  // netplan: a list below "addresses:"; name servers have no prefix
  new RegExp(`^(?:addresses: ?\\[ ?|- )['"]?${IP}/`),
];

export function addressesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.slice(0, 200).trim().replace(/\s+/g, ' '))
    .flatMap((line) => LINES.flatMap((pattern) => pattern.exec(line)?.[1] ?? []))
    .filter((address) => isIPv4(address) && !address.startsWith('127.'));
}
