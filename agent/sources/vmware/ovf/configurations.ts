/** Deployment configurations: one descriptor for several sizes of machine (DSP0243 2.1, section 9.8). */
import { AscendError } from '../../../../proto/errors.ts';
import { info } from '../../../../proto/finding.ts';
import type { Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { Envelope } from './envelope.ts';
import { sectionsOf } from './sections.ts';

interface Configuration {
  id: string;
  label: string;
  isDefault: boolean;
}

export interface ChosenConfiguration {
  /** undefined where the descriptor has none. */
  id: string | undefined;
  /** That there was a choice, where nobody made it. */
  findings: Finding[];
}

/**
 * The one asked for, else the one marked as default, else the first.
 * @throws usage.invalid for one that the descriptor does not have.
 */
export function chooseConfiguration(
  envelope: Envelope,
  file: string,
  wanted: string | undefined,
): ChosenConfiguration {
  const all = configurationsOf(envelope);
  if (wanted !== undefined) {
    if (all.some(({ id }) => id === wanted)) return { id: wanted, findings: [] };
    throw unknown(wanted, all, file);
  }
  const taken = all.find(({ isDefault }) => isDefault) ?? all[0];
  return { id: taken?.id, findings: taken && all.length > 1 ? [choiceFinding(taken, all, file)] : [] };
}

function configurationsOf({ root }: Envelope): Configuration[] {
  const elements = sectionsOf(root, 'DeploymentOptionSection').flatMap((section) =>
    section.childrenNamed('Configuration'),
  );
  return elements.flatMap((element) => {
    const id = element.attribute('id');
    const isDefault = /^(true|1)$/i.test(element.attribute('default') ?? '');
    return id ? [{ id, label: element.textOf('Label') ?? '', isDefault }] : [];
  });
}

function choiceFinding(taken: Configuration, all: readonly Configuration[], file: string): Finding {
  const why = taken.isDefault ? 'its default' : 'the first';
  return info(
    'ovf.configurations',
    file,
    `${file} describes ${all.length} configurations: ${listOf(all)}. ${taken.id}, ${why}, is taken.`,
    `To take another, give --config ID, e.g. --config ${all.find(({ id }) => id !== taken.id)?.id ?? taken.id}.`,
  );
}

function unknown(wanted: string, all: readonly Configuration[], file: string): AscendError {
  const known = all.length === 0 ? 'It has none' : `It has ${listOf(all)}`;
  return new AscendError(
    'usage.invalid',
    `${file} has no configuration ${JSON.stringify(wanted)}. ${known}.`,
    {
      context: { file, config: wanted },
      hint: all.length === 0 ? 'Leave out --config.' : `Give one of these with --config.`,
    },
  );
}

function listOf(all: readonly Configuration[]): string {
  const shown = all.slice(0, 50).map(({ id, label }) => (label ? `${id} (${label})` : id));
  return [...shown, ...(all.length > 50 ? ['and more'] : [])].join(', ');
}
