import { expect, it } from 'vitest';
import { codes, nic, readOne } from './fixtures.ts';

it('leaves out what is no address, once, and says so', () => {
  const { machine, findings } = readOne({
    NetworkInterfaces: [
      nic({
        PrivateIpAddress: '10-0-0-157',
        PrivateIpAddresses: [{ PrivateIpAddress: '10-0-0-157' }, { PrivateIpAddress: '10.0.0.158' }],
        Ipv6Addresses: [{ Ipv6Address: 'fe80::1%eth0' }],
      }),
    ],
  });
  expect(machine.nics[0]?.addresses).toEqual(['10.0.0.158']);
  expect(findings.map(({ code, message }) => [code, /"(.*?)"/.exec(message)?.[1]])).toEqual([
    ['nic.address-invalid', '10-0-0-157'],
    ['nic.address-invalid', 'fe80::1%eth0'],
  ]);
});

it('keeps both addresses where an interface contradicts its list', () => {
  const { machine, findings } = readOne({
    NetworkInterfaces: [nic({ PrivateIpAddresses: [{ PrivateIpAddress: '10.9.9.9' }], Ipv6Addresses: [] })],
  });
  expect(machine.nics[0]?.addresses).toEqual(['10.1.1.5', '10.9.9.9']);
  expect(codes({ findings })).toEqual(['machine.contradiction']);
});

it('takes the masks of both families from the subnet', () => {
  const subnet = {
    SubnetId: 'subnet-0a11ce0000000001',
    CidrBlock: '10.1.0.0/20',
    Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8::/64' }],
  };
  const { machine } = readOne({ NetworkInterfaces: [nic()] }, { Subnets: [subnet] });
  expect(machine.nics[0]?.addresses).toEqual(['10.1.1.5/20', '10.1.1.6/20', '2001:db8::5/64']);
});

it.each(['10.1.0.0', '10.1.0.0/99', '10.1.0.0/x'])('takes no mask from %s', (block) => {
  const subnets = { Subnets: [{ SubnetId: 'subnet-0a11ce0000000001', CidrBlock: block }] };
  expect(readOne({ NetworkInterfaces: [nic()] }, subnets).machine.nics[0]?.addresses[0]).toBe('10.1.1.5');
});

it('leaves out a MAC address that is none: it goes into files of the guest and of the target', () => {
  const { machine, findings } = readOne({ NetworkInterfaces: [nic({ MacAddress: '0a:11:ce:00:00' })] });
  expect(machine.nics[0]?.mac).toBeUndefined();
  expect(codes({ findings })).toEqual(['nic.mac-invalid']);
});

it('takes the interfaces from DescribeNetworkInterfaces where the instance lists none', () => {
  const attached = nic({
    Attachment: { InstanceId: 'i-0a11ce0000000001', DeviceIndex: 0, Status: 'attached' },
  });
  const { machine, origins } = readOne({ NetworkInterfaces: [] }, { NetworkInterfaces: [attached] });
  expect(machine.nics).toMatchObject([{ id: 'eni-0a11ce0000000001', mac: '0a:11:ce:00:00:01' }]);
  expect(origins.of('nics.eni-0a11ce0000000001.mac')?.file).toBe('beside-0.json');
});

it('gives an instance of EC2-Classic the one interface that it had', () => {
  const { machine } = readOne({
    NetworkInterfaces: null,
    PrivateIpAddress: '10.3.3.3',
    InstanceType: 'm1.small',
  });
  expect(machine.nics).toEqual([{ id: 'eth0', model: 'vif', addresses: ['10.3.3.3'], guestNames: [] }]);
});

it.each([
  ['m6i.large', {}, 'ena'],
  ['t2.micro', { EnaSupport: true }, 'vif'],
  ['r4.large', { EnaSupport: true }, 'ena'],
  ['r4.large', { EnaSupport: null }, undefined],
  ['c3.large', { SriovNetSupport: 'simple' }, 'ixgbevf'],
  ['c3.large', { SriovNetSupport: null }, undefined],
  ['m4.16xlarge', { EnaSupport: true, SriovNetSupport: 'simple' }, 'ena'],
])('knows the model on %s with %j: %s', (type, changes, model) => {
  expect(readOne({ InstanceType: type, ...changes }).machine.nics[0]?.model).toBe(model);
});

it('keeps the order of devices, and an interface once', () => {
  const at = (id: string, index: number | null) =>
    nic({ NetworkInterfaceId: id, Attachment: { DeviceIndex: index, Status: 'detached' } });
  const { machine } = readOne({
    NetworkInterfaces: [at('eni-c', null), at('eni-b', 1), at('eni-a', 0), at('eni-a', 2)],
  });
  expect(machine.nics.map(({ id }) => id)).toEqual(['eni-a', 'eni-b', 'eni-c']);
  expect(machine.nics[0]?.connected).toBe(false);
});
