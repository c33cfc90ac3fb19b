/** The machines of an OVF descriptor. */
import { AscendError } from '../../../../proto/errors.ts';
import type { Document } from '../../../documents/document.ts';
import type { Choice, Reading, Recognition } from '../../source.ts';
import { chooseConfiguration } from './configurations.ts';
import { envelopeOf } from './envelope.ts';
import { machineOf } from './machine.ts';

export function recogniseOvf(document: Document): Recognition | undefined {
  const envelope = envelopeOf(document);
  if (!envelope) return undefined;
  return envelope.systems.length > 0
    ? { what: 'an OVF descriptor', role: 'machine' }
    : { what: 'an OVF descriptor of disks only, without a virtual system', role: 'other' };
}

/**
 * @throws usage.invalid for a configuration that the descriptor does not have
 * @throws source.invalid for a document that is no OVF descriptor
 */
export function readOvf(document: Document, { config }: Choice): Reading {
  const envelope = envelopeOf(document);
  if (!envelope) throw new AscendError('source.invalid', `${document.path} is no OVF descriptor.`);
  const { id: configuration, findings } = chooseConfiguration(envelope, document.path, config);
  const place = { envelope, configuration, file: document.path };
  return { machines: envelope.systems.map((system) => machineOf(system, place)), findings };
}
