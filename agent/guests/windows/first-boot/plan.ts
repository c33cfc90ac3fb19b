/** Puts the steps of the first start into the guest, and the service that runs them. */
import type { Fix, FixPlan } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { SERVICE } from '../control-sets.ts';
import { sha256 } from '../../sha256.ts';
import type { Installation } from '../facts.ts';
import { registryFix } from '../planned.ts';
import { setValue } from '../registry/edits.ts';
import { dword, expandable, text } from '../registry/registry.ts';
import { stagedDrivers } from '../staging.ts';
import { planAddresses } from '../static-addresses.ts';
import { FIRST_BOOT_FOLDER, SERVICE_NAME } from './runner.ts';
import { firstBootFiles } from './script.ts';

/** A service of its own program. */
const OWN_PROCESS = 0x10;
/** Windows says nothing to users when it does not report. */
const IGNORE = 0;

export function planFirstBoot(guest: Installation, wants: GuestRequirements): FixPlan {
  const staged = stagedDrivers(guest, wants);
  const infs = (required: boolean) =>
    staged.filter((one) => one.required === required).map(({ driver }) => `${driver.name}.inf`);
  const { configurations, findings } = planAddresses(guest, wants);
  const tools = guest.installers.filter(({ agent }) => agent === wants.guestAgent);
  const files = new Map<string, string | Buffer>([
    ...firstBootFiles({
      required: infs(true),
      optional: infs(false),
      addresses: configurations,
      installers: tools,
    }),
    ...tools.map(({ name, content }): [string, Buffer] => [name, content]),
  ]);
  const fixes = [...writeFiles(guest, files), ...installService(guest)];
  return { fixes, findings };
}

function writeFiles({ mounted, present }: Installation, files: ReadonlyMap<string, string | Buffer>): Fix[] {
  const folder = `${mounted.windows}/${FIRST_BOOT_FOLDER}`;
  const wanted = [...files].map(([name, content]) => ({
    path: `${folder}/${name.replaceAll('\\', '/')}`,
    content: Buffer.from(content),
  }));
  const kept = new Set(wanted.map(({ path }) => path.toLowerCase()));
  const changes: Fix['changes'] = [
    ...wanted
      .filter(({ path, content }) => present.get(path.toLowerCase()) !== sha256(content))
      .map(({ path, content }) => ({ kind: 'upload' as const, path, content })),
    // Of a restore before this one: steps that were done, and steps for another target.
    ...[...present.keys()]
      .filter((path) => path.startsWith(`${folder.toLowerCase()}/`) && !kept.has(path))
      .map((path) => ({ kind: 'remove' as const, path: inCaseOf(folder, path) })),
  ];
  if (changes.length === 0) return [];
  const steps = [...files.keys()].flatMap((name) => /^steps\\(.*)\.cmd$/.exec(name)?.[1] ?? []);
  const summary = `Prepares what Windows does once, when it first starts on the target: ${steps.join(', ')}. Its log is Windows\\Temp\\ascend-first-boot.log.`;
  return [{ name: 'windows.first-boot-steps', summary, changes }];
}

/** All names in that folder are written in lower case, by us alone. */
function inCaseOf(folder: string, lowerCasePath: string): string {
  return `${folder}${lowerCasePath.slice(folder.length)}`;
}

/**
 * The service control manager wants a service to report within 30 s, which cmd.exe never does. So the service is a
 * cmd.exe that starts another and ends at once: the manager notes a failed start, and the other one runs on.
 */
function installService({ controlSets, mounted, system }: Installation): Fix[] {
  const command = `%SystemRoot%\\System32\\cmd.exe /c start "Ascend" /min %SystemRoot%\\System32\\cmd.exe /c %SystemRoot%\\${FIRST_BOOT_FOLDER}\\first-boot.cmd`;
  return registryFix(
    'windows.first-boot-service',
    'Starts these steps with Windows, before anybody signs in; the service removes itself when they are done.',
    { path: mounted.systemHive, registry: system },
    controlSets.flatMap((set) => {
      const key = `${set}\\Services\\${SERVICE_NAME}`;
      return [
        setValue(key, 'Type', dword(OWN_PROCESS)),
        setValue(key, 'Start', dword(SERVICE.automatic)),
        setValue(key, 'ErrorControl', dword(IGNORE)),
        setValue(key, 'ImagePath', expandable(command)),
        setValue(key, 'DisplayName', text('Ascend first start')),
        setValue(key, 'ObjectName', text('LocalSystem')),
      ];
    }),
  );
}
