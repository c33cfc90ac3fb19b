/** Which of Hyper-V's files a document is. */
import { AscendError } from '../../../proto/errors.ts';
import type { Document } from '../../documents/document.ts';
import type { JsonNode } from '../../documents/json.ts';
import type { Recognition } from '../source.ts';
import { batchRecords } from './batch.ts';
import { isDecodedConfiguration, keyOfDecoded } from './configuration/decoded.ts';
import type { Key } from './configuration/key.ts';
import { isConfigurationXml, keyOfXml } from './configuration/xml.ts';
import { powerShellRecords, whatOf, type PowerShellRecord } from './powershell/records.ts';
import { scvmmRecords } from './scvmm.ts';
import { isVmcx, readVmcx } from './vmcx/vmcx.ts';

export type Content =
  | { kind: 'configuration'; root: Key; what: string; isCheckpoint: boolean; pendingChanges: number }
  | { kind: 'powershell'; records: PowerShellRecord[] }
  | { kind: 'scvmm'; records: JsonNode[] }
  | { kind: 'batch'; records: [name: string, record: JsonNode][] }
  | { kind: 'other'; what: string };

/**
 * Undefined where it is none of them.
 * @throws source.invalid where it is one and cannot be read.
 */
export function contentOf({ path, content, body }: Document): Content | undefined {
  if (body.kind === 'other') return isVmcx(content) ? vmcxContent(content, path) : undefined;
  if (body.kind === 'xml') {
    const [root] = body.roots;
    if (!root || !isConfigurationXml(body.roots)) return undefined;
    return configuration(keyOfXml(root), 'a Hyper-V configuration (XML)', path);
  }
  return body.kind === 'json' ? jsonContent(body.root, path) : undefined;
}

export function recognise(document: Document): Recognition | undefined {
  try {
    const content = contentOf(document);
    return content && recognitionOf(content);
  } catch (error) {
    if (!(error instanceof AscendError)) throw error;
    // It is Hyper-V's by its signature; reading it says what is wrong with it.
    return { what: 'a damaged Hyper-V configuration (VMCX)', role: 'machine' };
  }
}

function vmcxContent(bytes: Buffer, path: string): Content {
  const { roots, pendingChanges } = readVmcx(bytes, path);
  const root = roots.find(({ name }) => name === 'configuration');
  if (root) return configuration(root, 'a Hyper-V configuration (VMCX)', path, pendingChanges);
  return roots.some(({ name }) => name === 'Configurations')
    ? {
        kind: 'other',
        what: "a Hyper-V host's list of its machines (data.vmcx), which describes none of them",
      }
    : { kind: 'other', what: 'a Hyper-V file in the format of VMCX that holds no configuration' };
}

function jsonContent(root: JsonNode, path: string): Content | undefined {
  if (isDecodedConfiguration(root)) {
    return configuration(keyOfDecoded(root), 'a decoded Hyper-V configuration (JSON)', path);
  }
  const scvmm = scvmmRecords(root);
  if (scvmm.length > 0) return { kind: 'scvmm', records: scvmm };
  const records = powerShellRecords(root);
  if (records.length > 0) return { kind: 'powershell', records };
  const batch = batchRecords(root);
  return batch.length > 0 ? { kind: 'batch', records: batch } : undefined;
}

/** A checkpoint has a configuration of its own, in the folder "Snapshots" of an export. */
function configuration(root: Key, what: string, path: string, pendingChanges = 0): Content {
  const type = root.get('properties', 'type_id')?.text;
  const isCheckpoint =
    /(^|\/)snapshots\/[^/]*$/i.test(path) || (type !== undefined && type !== 'Virtual Machines');
  return { kind: 'configuration', root, what, isCheckpoint, pendingChanges };
}

function recognitionOf(content: Content): Recognition {
  switch (content.kind) {
    case 'configuration':
      return content.isCheckpoint
        ? { what: 'the configuration of a Hyper-V checkpoint', role: 'part' }
        : { what: content.what, role: 'machine' };
    case 'powershell': {
      const kinds = [...new Set(content.records.map(({ kind }) => kind))];
      return { what: kinds.map(whatOf).join(', '), role: kinds.includes('vm') ? 'machine' : 'part' };
    }
    case 'scvmm':
      return { what: 'Hyper-V machines of SCVMM (Get-SCVirtualMachine)', role: 'machine' };
    case 'batch':
      return { what: "Forklift's details of Hyper-V machines", role: 'machine' };
    case 'other':
      return { what: content.what, role: 'other' };
  }
}
