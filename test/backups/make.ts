/** Every layout that `analyse` takes, each as a small and whole backup. Written by hand after real ones. */
import { backupSet } from './backup-set.ts';
import type { Builder } from './builder.ts';
import * as cloudstack from './cloudstack.ts';
import * as ec2 from './ec2.ts';
import * as hyperv from './hyperv.ts';
import * as nutanix from './nutanix.ts';
import * as vmware from './vmware.ts';

export const builders = {
  'a backup set': backupSet,
  'a VMX with a sparse VMDK': vmware.vmxSparse,
  'a VMX with a flat VMDK': vmware.vmxFlat,
  'a VMX with two snapshots': vmware.vmxSnapshots,
  'a VMX with converted disks': vmware.vmxConverted,
  'an OVF folder': vmware.ovfFolder,
  'an OVA': vmware.ovaArchive,
  'an OVF with configurations': vmware.ovfConfigurations,
  'an OVF of two machines': vmware.ovfTwoMachines,
  'vim25 JSON': vmware.vim25,
  'a CloudStack NAS backup': cloudstack.nasBackup,
  'a CloudStack NAS backup without XML': cloudstack.nasBackupOfStopped,
  'a CloudStack NAS increment': cloudstack.nasIncrement,
  'a libvirt domain': cloudstack.libvirtDomain,
  'a Hyper-V export with XML': hyperv.xmlExport,
  'a Hyper-V export with VMCX': hyperv.vmcxExport,
  'PowerShell JSON': hyperv.powershell,
  'EC2 JSON of the CLI': ec2.cliJson,
  'EC2 JSON of an SDK': ec2.sdkJson,
  'EC2 Query XML': ec2.queryXml,
  'Nutanix v2': nutanix.v2,
  'Nutanix v3': nutanix.v3,
  'Nutanix v4': nutanix.v4,
} as const satisfies Record<string, Builder>;

export type LayoutName = keyof typeof builders;
