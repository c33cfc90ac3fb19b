/** UEFI for the twin: OVMF as Debian packages it, with variables of this run's own. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';

const FOLDER = '/usr/share/OVMF';

/** With Secure Boot: the build that guards its variables, and variables with Microsoft's keys enrolled. */
export async function prepareOvmf(
  secureBoot: boolean,
  folder: string,
): Promise<{ code: string; variables: string }> {
  const { code, pristine } = filesOf(secureBoot);
  const variables = path.join(folder, 'variables.fd');
  try {
    await access(code, constants.R_OK);
    await copyFile(pristine, variables);
  } catch (cause) {
    throw new AscendError('host.tool-missing', 'OVMF, the UEFI of the twin, is not on this host.', {
      context: { file: code },
      hint: 'Install it: apt-get install ovmf',
      cause,
    });
  }
  await chmod(variables, 0o600);
  return { code, variables };
}

/** What tells one build of OVMF from another: it carries no version that can be read without running it. */
export async function ovmfVersion(secureBoot: boolean): Promise<string> {
  const { code } = filesOf(secureBoot);
  const digest = createHash('sha256')
    .update(await readFile(code))
    .digest('hex');
  return `${path.basename(code)}, SHA-256 ${digest}`;
}

function filesOf(secureBoot: boolean): { code: string; pristine: string } {
  const [code, pristine] = secureBoot
    ? ['OVMF_CODE_4M.secboot.fd', 'OVMF_VARS_4M.ms.fd']
    : ['OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd'];
  return { code: path.join(FOLDER, code), pristine: path.join(FOLDER, pristine) };
}
