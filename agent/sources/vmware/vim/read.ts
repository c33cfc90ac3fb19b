/** The machines of a document of the vSphere API. */
import type { Document } from '../../../documents/document.ts';
import type { SourcedMachine } from '../../source.ts';
import { findMachines } from './find.ts';
import { machineOf } from './machine.ts';

export function readVim(document: Document): SourcedMachine[] {
  return findMachines(document).map((found) => machineOf(found, document.path));
}
