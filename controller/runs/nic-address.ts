import { z } from 'zod';

const address = z.union([z.ipv4(), z.ipv6()]);
const withPrefix = z.union([z.cidrv4(), z.cidrv6()]);

/** `dhcp`, or `ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...]`; the gateway may be left empty. */
export const NicAddressSchema = z
  .string()
  .max(500)
  .refine(isNicAddress, { message: 'write ADDRESS/PREFIX[,GATEWAY[,NAMESERVER]...], or dhcp' });

function isNicAddress(text: string): boolean {
  if (text === 'dhcp') return true;
  const [own, gateway = '', ...nameServers] = text.split(',');
  const others = gateway === '' ? nameServers : [gateway, ...nameServers];
  return withPrefix.safeParse(own).success && others.every((each) => address.safeParse(each).success);
}
