/** Configurations and files of Hyper-V for tests, written by hand after real ones. */
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { openDocument } from '../../documents/document.ts';
import type { SourcedMachine } from '../source.ts';
import { hyperv } from './index.ts';
import type { Plain, PlainNode } from './vmcx/fixtures.ts';

export const IDE = '_83f8638b-8dca-4152-9eda-2ca8b33039b4_';
export const FIRMWARE = '_ac6b8dc1-3257-4a70-b1b2-a9c9215659ad_';
export const VM_ID = '5B6E0A9C-1D2F-4E3A-9B4C-0F1E2D3C4B5A';

const SCSI_TYPE = 'd422512d-2bf2-4752-809d-7b82b5fcb1b4';
const ETHERNET_TYPE = '2fc216b0-d2e2-4967-9b6d-b8a5c9ca2778';

/** The machines of these files; objects are written as JSON. */
export function machinesOf(files: Record<string, string | Buffer | object>): SourcedMachine[] {
  const documents = Object.entries(files).map(([path, content]) => openDocument(path, bytesOf(content)));
  const used = documents.filter((document) => {
    const role = hyperv.recognise(document)?.role;
    return role !== undefined && role !== 'other';
  });
  return hyperv.read({ documents: used, paths: Object.keys(files) }, {}).machines;
}

export function machineOf(files: Record<string, string | Buffer | object>): SourcedMachine {
  const [machine, ...more] = machinesOf(files);
  if (!machine || more.length > 0) throw new Error(`${more.length + Number(!!machine)} machines`);
  return machine;
}

export function bytesOf(content: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
}

export function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code }) => code).sort();
}

/** As Hyper-V exports it: UTF-16LE with a byte order mark. */
export function xmlOf(tree: PlainNode): Buffer {
  const body = Object.entries(tree).map(([name, value]) => elementOf(name, value));
  return Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>\r\n${body.join('')}`, 'utf16le');
}

function elementOf(name: string, value: Plain): string {
  if (Buffer.isBuffer(value)) return `<${name} type="bytes">${value.toString('base64')}\r\n</${name}>`;
  if (typeof value === 'string') return `<${name} type="string">${escaped(value)}</${name}>`;
  if (typeof value === 'boolean') return `<${name} type="bool">${value ? 'True' : 'False'}</${name}>`;
  if (typeof value === 'object') {
    const children = Object.entries(value).map(([child, below]) => elementOf(child, below as Plain));
    return `<${name}>${children.join('')}</${name}>`;
  }
  return `<${name} type="integer">${value}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The tree as decoders print it. */
export function decodedOf(tree: PlainNode): string {
  return JSON.stringify(tree, (_name, value: unknown) => {
    if (typeof value === 'bigint') return Number(value);
    const bytes = value as { type?: unknown; data?: number[] } | null;
    return bytes?.type === 'Buffer' && bytes.data
      ? { $bytes_base64: Buffer.from(bytes.data).toString('base64') }
      : value;
  });
}

export interface Parts {
  subtype?: bigint;
  properties?: PlainNode;
  firmware?: PlainNode;
  ide?: PlainNode;
  /** By instance GUID, in the order of the manifest. */
  scsi?: Record<string, PlainNode>;
  ethernet?: Record<string, PlainNode>;
  memory?: PlainNode;
  more?: PlainNode;
}

/** A configuration as 2012 R2 has it: the manifest lists the synthetic devices alone. */
export function configurationOf(parts: Parts): PlainNode {
  const { subtype = 1n, scsi = {}, ethernet = {} } = parts;
  const listed = [
    ...Object.keys(scsi).map((instance) => ({ device: SCSI_TYPE, instance })),
    ...Object.keys(ethernet).map((instance) => ({ device: ETHERNET_TYPE, instance })),
  ];
  const manifest = Object.fromEntries(
    listed.map(({ device, instance }, index) => [
      `vdev${String(index + 1).padStart(3, '0')}`,
      { device, instance: instance.toUpperCase(), name: 'Synthetic' },
    ]),
  );
  return {
    configuration: {
      ...nodes(ethernet),
      ...nodes(scsi),
      [FIRMWARE]: { secure_boot_enabled: subtype === 1n, ...parts.firmware },
      ...(parts.ide ? { [IDE]: parts.ide } : {}),
      manifest: { size: BigInt(listed.length), ...manifest },
      properties: {
        global_id: VM_ID,
        name: 'web01',
        notes: '',
        subtype,
        type_id: 'Virtual Machines',
        version: 1280n,
        ...parts.properties,
      },
      settings: {
        memory: { bank: { dynamic_memory_enabled: false, size: 2048n, ...parts.memory } },
        processors: { count: 2n },
      },
      ...parts.more,
    },
  };
}

function nodes(devices: Record<string, PlainNode>): PlainNode {
  return Object.fromEntries(Object.entries(devices).map(([instance, node]) => [`_${instance}_`, node]));
}

export function vhd(pathname: string, more: PlainNode = {}): PlainNode {
  return { type: 'VHD', pathname, ...more };
}
