/** Metadata that was made to harm, or says what cannot be. */
import { seal, writeObject, writeVmcx, type Written } from '../../../agent/sources/hyperv/vmcx/fixtures.ts';
import { configurationOf } from '../../../agent/sources/hyperv/fixtures.ts';
import { put, type Builder } from '../../backups/builder.ts';
import { vmx } from '../../backups/vmware.ts';
import type { HostileRow } from './row.ts';

const files =
  (content: Record<string, string | Buffer | object>): Builder =>
  async (folder) => {
    await put(folder, content);
    return '';
  };

const domain = (more: string, prolog = '') =>
  `<?xml version="1.0"?>${prolog}<domain type='kvm'><name>web01</name><uuid>2f1c7a90-4b6d-4e0a-8c55-7d9e3b1f0a42</uuid>${more}<os><type>hvm</type></os><devices/></domain>`;
const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');

/** Bytes of a VMCX changed, and its checksums right again where `change` sees to it. */
const vmcx = (change: (written: Written) => void): Builder => {
  const written = writeVmcx(configurationOf({}));
  change(written);
  return files({ 'vm.vmcx': written.content });
};

const HUGE = '99999999999999999999999999999999';
const RTL = '\u202egnp.exe';
const LONG = 'n'.repeat(10_000);
const named = (name: string) => vmx('web01.vmdk').replace('"web01"', `"${name}"`);

export const documents: HostileRow[] = [
  {
    what: 'XML with an entity',
    make: files({ 'vm.xml': domain('&who;', '<!DOCTYPE d [<!ENTITY who "me">]>') }),
    says: /source\.invalid: vm\.xml.*(DOCTYPE|document type)/i,
  },
  {
    what: 'XML with an entity of a file',
    make: files({ 'vm.xml': domain('&file;', '<!DOCTYPE d [<!ENTITY file SYSTEM "file:///etc/passwd">]>') }),
    says: /^source\.invalid: vm\.xml(?!.*root:)/,
  },
  {
    what: 'XML with an external DTD',
    make: files({ 'vm.xml': domain('', '<!DOCTYPE d SYSTEM "http://192.0.2.1/d.dtd">') }),
    says: /source\.invalid: vm\.xml/,
  },
  {
    what: 'a billion laughs',
    make: files({ 'vm.xml': domain('&l10;', `<!DOCTYPE d [<!ENTITY l0 "lol">${laughs}]>`) }),
    says: /source\.invalid: vm\.xml/,
  },
  {
    what: 'XML that includes a file',
    make: files({
      'vm.xml': domain(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
      ),
    }),
    says: /^(?!.*root:)/s,
    machine: { name: 'web01' },
  },
  {
    what: 'XML that ends too early',
    make: files({ 'vm.xml': domain('').slice(0, -20) }),
    says: /source\.invalid: vm\.xml.*line \d+/,
  },
  {
    what: 'JSON that ends too early',
    make: files({ 'vm.json': '{"Reservations": [{"Instances": [{' }),
    says: /source\.invalid: vm\.json.*(line|offset|position) \d+/i,
  },
  {
    what: 'a VMX with a size beyond 2^53',
    make: files({ 'web01.vmx': vmx('web01.vmdk').replace('"2048"', `"${HUGE}"`) }),
    says: /machine\.memory|memory/i,
    machine: { memoryBytes: undefined },
  },
  {
    what: 'a domain with a size beyond 2^64',
    make: files({ 'vm.xml': domain(`<memory unit='TiB'>${HUGE}</memory><vcpu>${HUGE}</vcpu>`) }),
    says: /memory/i,
    machine: { memoryBytes: undefined },
  },
  {
    what: 'JSON with numbers beyond 2^64',
    make: files({
      'vm.json': `{"uuid": "a", "name": "db01", "memory_mb": ${HUGE}, "num_vcpus": ${HUGE}, "num_cores_per_vcpu": 1, "vm_disk_info": [{"is_cdrom": false, "size": ${HUGE}, "disk_address": {"device_bus": "scsi", "device_index": ${HUGE}}}], "vm_nics": []}`,
    }),
    says: /machine\.value-invalid: vm\.json .* memory_mb/,
    machine: { name: 'db01', memoryBytes: undefined },
  },
  {
    what: 'JSON with members of the language',
    make: files({
      'vm.json':
        '{"__proto__": {"uuid": "x"}, "constructor": {"prototype": {}}, "uuid": "a", "name": "db01", "memory_mb": 1, "num_vcpus": 1, "num_cores_per_vcpu": 1, "vm_disk_info": [], "vm_nics": []}',
    }),
    says: /./,
    machine: { name: 'db01' },
  },
  {
    what: 'an OVF with a capacity of 10^30',
    make: files({ 'a.ovf': ovfOf('1000000000000000000000000000000') }),
    says: /machine\.value-invalid: a\.ovf/,
  },
  {
    what: 'a name of 10,000 characters',
    make: files({ 'web01.vmx': named(LONG) }),
    says: /machine\.name-shortened/,
    machine: { name: LONG.slice(0, 255) },
  },
  {
    what: 'a name that is written from right to left',
    make: files({ 'web01.vmx': named(RTL) }),
    says: /./,
    machine: { name: RTL },
  },
  {
    what: 'a name with control characters',
    make: files({ 'web01.vmx': named('a|1B[2J|00|07b') }),
    says: /./,
    machine: { name: 'a\u001b[2J\u0000\u0007b' },
  },
  {
    what: 'an encrypted VMX',
    make: files({
      'web01.vmx': `${vmx('web01.vmdk')}encryption.keySafe = "vmware:key/list/(pair/(phrase/x))"\r\nencryption.data = "AAAA"\r\n`,
    }),
    says: /source\.invalid: web01\.vmx.*encrypted/,
  },
  {
    what: 'a VMX that is not in the encoding that it names',
    make: files({ 'web01.vmx': Buffer.from(named('\xff\xfe\x80'), 'latin1') }),
    says: /./,
    machine: { name: '\ufffd\ufffd\ufffd' },
  },
  {
    what: 'a VMCX whose log lies beyond its end',
    make: vmcx(({ content }) =>
      [0, 0x1000].forEach((at) => {
        content.writeBigUInt64LE(1n << 60n, at + 26);
        seal(content, at, 46, 4);
      }),
    ),
    says: /source\.invalid: vm\.vmcx, offset 0x/,
  },
  {
    what: 'a VMCX whose tables lie beyond its end',
    make: vmcx(({ content }) => writeObject(content, 0, 2, 2 ** 50)),
    says: /source\.invalid: vm\.vmcx, offset 0x/,
  },
  {
    what: 'a VMCX whose table is its own header',
    make: vmcx(({ content }) => writeObject(content, 0, 2, 0)),
    says: /source\.invalid: vm\.vmcx, offset 0x/,
  },
  {
    what: 'a VMCX whose key is its own parent',
    make: vmcx(({ content, keys }) =>
      content.writeUInt32LE((keys.get('configuration') ?? 0) & 0xfff, (keys.get('configuration') ?? 0) + 8),
    ),
    says: /source\.invalid: vm\.vmcx|no machine|knows/i,
  },
];

function ovfOf(capacity: string): string {
  return `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
    <References><File ovf:id="f" ovf:href="a.vmdk"/></References>
    <DiskSection><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="${capacity}" ovf:capacityAllocationUnits="byte * 2^60"/></DiskSection>
    <VirtualSystem ovf:id="a"><Name>a</Name><VirtualHardwareSection>
      <Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>${capacity}</rasd:VirtualQuantity></Item>
      <Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>byte * 2^999999999</rasd:AllocationUnits><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
      <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>ovf:/disk/d</rasd:HostResource></Item>
    </VirtualHardwareSection></VirtualSystem></Envelope>`;
}
