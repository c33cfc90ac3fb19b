/** Which file of the package holds a disk, and what stands in the way of reading it. */
import { info, warn } from '../../../../proto/finding.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { Facts } from '../../facts.ts';
import type { Envelope } from './envelope.ts';

export function referTo(id: string, disk: XmlElement, { files, disks }: Envelope, facts: Facts): void {
  const reference = disk.attribute('fileRef');
  if (reference === undefined || reference === '') {
    const message = `${facts.file} has no file for ${id}: it was empty when the machine was exported.`;
    facts.findings.push(info('disk.empty', id, message, 'Nothing to do.'));
    return;
  }
  const file = files.get(reference);
  // oVirt refers by the path of the image, and its files have no other name.
  const href = file?.attribute('href') ?? reference;
  facts.diskReferences.set(id, { names: namesOf(href) });
  if (file) describeForm(id, href, file, facts);
  const parent = disks.get(disk.attribute('parentRef') ?? '');
  if (!parent) return;
  const base = files.get(parent.attribute('fileRef') ?? '')?.attribute('href') ?? 'a disk without a file';
  const message = `${id} (${href}) holds only what differs from ${base}, which must be in the backup as well.`;
  facts.findings.push(
    info('disk.differencing', id, message, 'Add the file below it to the backup if it is missing.'),
  );
}

/** It is a URI: a blank may be written as %20. */
function namesOf(href: string): string[] {
  try {
    return [...new Set([href, decodeURIComponent(href)])];
  } catch {
    return [href]; // A percent sign that is only that.
  }
}

function describeForm(id: string, href: string, file: XmlElement, facts: Facts): void {
  const compression = file.attribute('compression');
  if (compression !== undefined && !['', 'identity'].includes(compression.toLowerCase())) {
    const message = `${facts.file} says that ${href}, the file of ${id}, is compressed (${compression.slice(0, 50)}).`;
    const remedy = `Unpack it under the same name: gunzip -c ${href} > unpacked, then move it into place.`;
    facts.findings.push(warn('disk.compressed', id, message, remedy));
  }
  const chunk = file.attribute('chunkSize');
  if (chunk !== undefined) {
    const message = `${href}, the file of ${id}, is cut into pieces of ${chunk.slice(0, 20)} bytes (${href}.000000000 and on).`;
    facts.findings.push(warn('disk.chunked', id, message, `Join them: cat ${href}.0* > ${href}.`));
  }
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(href)) {
    const message = `The file of ${id} is not in the backup but at ${href.slice(0, 255)}.`;
    facts.findings.push(warn('disk.elsewhere', id, message, 'Download it into the folder of the backup.'));
  }
}
