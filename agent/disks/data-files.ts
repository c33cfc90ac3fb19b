/** Proves that the files which hold a disk's data are in the backup, and hold all of it. */
import { block } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { ChainFiles, LocatedDataFile } from './chain.ts';
import { DiskFile } from './disk-file.ts';
import { HOSTILE, REPLACE, truncated } from './disk-findings.ts';
import type { DataFile } from './disk-header.ts';
import { locateExactly } from './locate.ts';
import { openFinding } from './open-finding.ts';
import type { RangeReader } from './range-reader.ts';
import { HEADER_BYTES, readSparseExtent, sparseKindOf } from './vmdk-sparse.ts';

/** `from`: the file that names them. */
export async function locateDataFiles(
  files: Pick<ChainFiles, 'open'>,
  from: string,
  dataFiles: readonly DataFile[],
  findings: Finding[],
): Promise<LocatedDataFile[]> {
  const located: LocatedDataFile[] = [];
  for (const dataFile of dataFiles) {
    const place = locateExactly(from, dataFile.name);
    if (place.kind !== 'at') {
      findings.push(outside(from, dataFile.name));
      continue;
    }
    try {
      await using reader = await files.open(place.path);
      const kind = await prove(reader, place.path, dataFile, findings);
      located.push({ ...dataFile, kind, path: place.path });
    } catch (cause) {
      findings.push(openFinding(place.path, cause));
    }
  }
  return located;
}

/** Gives the kind that the file turns out to be: qemu takes hosted and VMFS sparse extents for each other. */
async function prove(
  reader: RangeReader,
  path: string,
  { kind, sizeBytes, offsetBytes }: DataFile,
  findings: Finding[],
): Promise<DataFile['kind']> {
  if (kind === 'flat') {
    const needed = offsetBytes + sizeBytes;
    if (BigInt(reader.sizeBytes) < needed)
      findings.push(truncated(path, `${path} should have ${needed} bytes, but has ${reader.sizeBytes}.`));
    return kind;
  }
  const file = new DiskFile(reader, path);
  const shown = sparseKindOf(await file.head(HEADER_BYTES));
  if (!shown || (shown === 'seSparse') !== (kind === 'seSparse'))
    throw file.wrong(0, `not the header of a ${kind} extent`);
  const extent = await readSparseExtent(file, shown);
  findings.push(...extent.findings);
  if (extent.sizeBytes !== sizeBytes) {
    const message = `${path} should hold ${sizeBytes} bytes of its disk, but its header says ${extent.sizeBytes}.`;
    findings.push(block('disk.extent-mismatch', path, message, REPLACE));
  }
  return shown;
}

function outside(from: string, name: string): Finding {
  const message = `${from} says that its data lies in ${JSON.stringify(name)}, which is outside the backup.`;
  return block('disk.data-outside-backup', from, message, HOSTILE);
}
