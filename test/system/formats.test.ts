/** The same guest from what other platforms export: its disk in another format, and not a file that qemu could open. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentHome } from '../e2e/agent-process.ts';
import { buildDebian12, web01 } from '../guests/debian12.ts';

let home: AgentHome;
let folder: string;
let newest: string;

beforeAll(async () => {
  const { backupDir } = await buildDebian12();
  newest = path.join(backupDir, web01.increment.file);
  home = await AgentHome.make();
  folder = await mkdtemp(path.join(tmpdir(), 'ascend-formats-'));
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('an OVA with a streamed disk becomes a KVM disk with the newest data, read where it lies', async () => {
  const ova = await makeOva();
  const out = path.join(folder, 'converted');
  const { exitCode, document, stderr } = await home.json(['convert', ova, '--for', 'kvm', '--out', out]);
  expect(exitCode, stderr).toBe(0);
  const [disk = '', description = ''] = (document as { files: string[] }).files;
  expect(await readFile(description, 'utf8')).toContain(disk);
  await execa('qemu-img', ['check', '-q', disk]);
  const { stdout } = await execa('qemu-img', ['info', '--output', 'json', disk]);
  expect(JSON.parse(stdout)).toMatchObject({ 'virtual-size': web01.diskBytes, format: 'qcow2' });
  expect(await pageOn(disk)).toBe(web01.pages.increment.trim());
  expect(await home.leftovers()).toEqual([]);
});

async function pageOn(disk: string): Promise<string> {
  const args = ['--ro', '--format=qcow2', '-a', disk, '-m', '/dev/sda1', 'cat', '/srv/www/index.html'];
  const env = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };
  return (await execa('guestfish', args, { env, stdin: 'ignore' })).stdout.trim();
}

/** As vSphere exports one: descriptor first, then a streamOptimized disk. */
async function makeOva(): Promise<string> {
  const parts = path.join(folder, 'ova');
  await mkdir(parts);
  const vmdk = path.join(parts, 'web01-disk1.vmdk');
  const convert = ['convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized', newest, vmdk];
  await execa('qemu-img', convert);
  await writeFile(path.join(parts, 'web01.ovf'), OVF);
  const ova = path.join(folder, 'web01.ova');
  await execa('tar', ['--format=ustar', '-cf', ova, '-C', parts, 'web01.ovf', 'web01-disk1.vmdk']);
  return ova;
}

const OVF = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References><File ovf:id="file1" ovf:href="web01-disk1.vmdk"/></References>
  <DiskSection><Info>Disks</Info>
    <Disk ovf:capacity="4" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk1" ovf:fileRef="file1"
      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="lan"><Description/></Network></NetworkSection>
  <VirtualSystem ovf:id="web01"><Info>A server</Info><Name>web01</Name>
    <OperatingSystemSection ovf:id="96"><Info>Debian</Info></OperatingSystemSection>
    <VirtualHardwareSection><Info>Hardware</Info>
      <System><vssd:ElementName>Virtual Hardware Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
      <Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>512 MB</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
      <Item><rasd:Address>0</rasd:Address><rasd:ElementName>SCSI 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType></Item>
      <Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>Disk 1</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      <Item><rasd:AddressOnParent>7</rasd:AddressOnParent><rasd:Connection>lan</rasd:Connection>
        <rasd:ElementName>NIC 1</rasd:ElementName><rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
