import { describe, expect, it } from 'vitest';
import { json, readOne, subnets, v4Vm } from './fixtures.ts';

describe('subnets', () => {
  it.each(Object.entries(subnets))('of API %s give a NIC its network, VLAN and mask', (_, subnet) => {
    const found = readOne(v4Vm, subnet);
    // 172.16.0.9 does not lie in the subnet.
    expect(json(found).nics).toMatchObject([
      { network: 'servers', vlan: 42, addresses: ['10.1.2.6/24', '172.16.0.9'] },
    ]);
    expect(found.origins.of('nics.nic-a.vlan')?.file).toBe('file1.json');
  });

  it('that are overlays have no VLAN', () => {
    const overlay = { ...subnets.v4, subnetType: 'OVERLAY', networkId: 7 };
    expect(json(readOne(v4Vm, overlay)).nics).toMatchObject([{ network: 'servers', vlan: null }]);
  });
});
