/** The address of one NIC in the restored machine, as a form holds it and as the API takes it. */

export interface StaticAddress {
  /** With its prefix, e.g. "10.0.0.5/24". */
  readonly address: string;
  /** Empty: none. */
  readonly gateway: string;
  /** With commas or spaces between them. */
  readonly nameServers: string;
}

export type NicAddress = 'dhcp' | StaticAddress;

export const noAddress: StaticAddress = { address: '', gateway: '', nameServers: '' };

type Problems = Partial<Record<keyof StaticAddress, string>>;

/** What is still wrong with it; the controller looks again, and closer. */
export function problemsOf({ address, gateway, nameServers }: StaticAddress): Problems {
  const problems: Problems = {};
  if (!isAddressWithPrefix(address.trim())) problems.address = 'Write an address and its prefix: 10.0.0.5/24';
  if (gateway.trim() !== '' && !isAddress(gateway.trim())) problems.gateway = 'Write an address: 10.0.0.1';
  if (!listOf(nameServers).every(isAddress)) problems.nameServers = 'Write addresses: 10.0.0.53, 10.0.0.54';
  return problems;
}

export function isComplete(nic: NicAddress): boolean {
  return nic === 'dhcp' || Object.keys(problemsOf(nic)).length === 0;
}

/** "dhcp", or "ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...]". */
export function addressText(nic: NicAddress): string {
  if (nic === 'dhcp') return nic;
  const gateway = nic.gateway.trim();
  const nameServers = listOf(nic.nameServers);
  const rest = gateway === '' && nameServers.length === 0 ? [] : [gateway, ...nameServers];
  return [nic.address.trim(), ...rest].join(',');
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

function isAddressWithPrefix(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const longest = address.includes(':') ? 128 : 32;
  return more.length === 0 && isAddress(address) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest;
}

function isAddress(text: string): boolean {
  if (text.includes(':')) return /^[0-9a-f:.]{2,45}$/i.test(text);
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
}
