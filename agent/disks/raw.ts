/** A raw disk: bytes as the guest sees them, known by what it is not. */
import { info, warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { DiskFile } from './disk-file.ts';
import { REPLACE } from './disk-findings.ts';
import type { DiskHeader } from './disk-header.ts';
import { recogniseContent } from './disk-signatures.ts';

/** @throws disk.invalid for an empty file. */
export async function readRaw(file: DiskFile): Promise<DiskHeader> {
  if (file.sizeBytes === 0) throw file.wrong(0, 'the file is empty');
  const content = await recogniseContent(file);
  return {
    format: 'raw',
    variant: content === undefined ? 'raw' : `raw, ${content}`,
    sizeBytes: BigInt(file.sizeBytes),
    identity: undefined,
    parent: undefined,
    dataFiles: [],
    findings: rawFindings(file, content),
  };
}

function rawFindings(file: DiskFile, content: string | undefined): Finding[] {
  const findings: Finding[] = [];
  if (file.sizeBytes % 512 !== 0) {
    const message = `${file.name} has ${file.sizeBytes} bytes, which is no number of whole sectors: it may have been cut off.`;
    findings.push(warn('disk.raw-size', file.name, message, REPLACE));
  }
  if (content === undefined) {
    const message = `${file.name} is taken for a raw disk; it shows no partition table and no file system.`;
    const remedy =
      'If it is a data disk that was never formatted, or one encrypted as a whole, there is nothing to do.';
    findings.push(info('disk.raw-unrecognised', file.name, message, remedy));
  }
  return findings;
}
