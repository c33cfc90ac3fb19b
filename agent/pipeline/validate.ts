/** Step 2: can this backup be restored to that target? Asks, and changes nothing. */
import type { z } from 'zod';
import { Severity, type Finding } from '../../proto/gen/ascend/v1/finding.ts';
import type { Firmware, Machine } from '../../proto/gen/ascend/v1/machine.ts';
import type { RestoreOptions, RestoreOrder } from '../../proto/gen/ascend/v1/run.ts';
import { AscendError } from '../../proto/errors.ts';
import type { ImageContext } from '../disks/image.ts';
import type { ServedDisks } from '../disks/serve.ts';
import type { StoredTarget } from '../state/targets.ts';
import { destinationOfKind, targetOfKind } from '../targets/index.ts';
import type { Destination, Placement, Target, TargetContext } from '../targets/target.ts';
import type { Analysis } from './analyse.ts';
import { requireUsableChecks } from './health.ts';

/** A target with its options, those of this restore included. */
export interface ChosenTarget extends ChosenDestination {
  target: Target;
}

/** A kind of target with options: enough to make a guest ready for it and to rehearse it. */
export interface ChosenDestination {
  target: Destination;
  options: unknown;
}

/** @throws usage.invalid where there is no such kind, or an option is wrong */
export function chooseDestination(kind: string, restore: RestoreOptions | undefined): ChosenDestination {
  const target = destinationOfKind(kind);
  requireUsableChecks(restore?.health);
  const parsed = target.options.safeParse(parseOptions(restore?.targetOptionsJson));
  if (parsed.success) return { target, options: parsed.data };
  throw new AscendError('usage.invalid', `Options of kind ${kind}: ${problemsOf(parsed.error)}.`);
}

/** @throws usage.invalid where an option is wrong, or not for a single restore to decide. */
export function chooseTarget(stored: StoredTarget, restore: RestoreOptions | undefined): ChosenTarget {
  const target = targetOfKind(stored.kind);
  requireUsableChecks(restore?.health);
  const own = parseOverrides(target, restore?.targetOptionsJson);
  const parsed = target.options.safeParse({ ...(stored.options as object), ...own });
  if (parsed.success) return { target, options: parsed.data };
  throw new AscendError('usage.invalid', `Options of target ${stored.name}: ${problemsOf(parsed.error)}.`, {
    context: { target: stored.name },
    hint: `See what a ${stored.kind} target takes: ascend-agent target add --help`,
  });
}

function problemsOf({ issues }: z.ZodError): string {
  return issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}

function parseOverrides(target: Target, json: string | undefined): object {
  const own = parseOptions(json);
  const foreign = Object.keys(own).find((key) => !target.perRestore.includes(key));
  if (foreign === undefined) return own;
  const may = `a restore may set ${target.perRestore.join(', ')}`;
  throw wrongOptions(`${foreign} belongs to the target, not to a restore (${may})`);
}

function parseOptions(json: string | undefined): object {
  if (!json) return {};
  let own: unknown;
  try {
    own = JSON.parse(json);
  } catch {
    throw wrongOptions('not JSON');
  }
  if (typeof own !== 'object' || own === null || Array.isArray(own)) throw wrongOptions('not an object');
  return own;
}

function wrongOptions(why: string): AscendError {
  return new AscendError('usage.invalid', `Target options of this restore: ${why}.`);
}

/** The machine as it will be on the target: only disks that the backup holds, and the firmware that was decided. */
export async function placementOf(
  runId: string,
  machine: Machine,
  served: ServedDisks,
  options: RestoreOptions | undefined,
  context: ImageContext,
): Promise<Placement> {
  let copyBytes = 0n;
  for (const id of served.ids) copyBytes += await served.allocatedBytes(id, context);
  return {
    runId,
    name: options?.name ?? machine.name,
    machine: {
      ...withFirmware(machine, options?.firmware),
      disks: machine.disks.filter(({ id }) => served.ids.includes(id)),
    },
    networks: options?.networks ?? {},
    start: options?.start ?? true,
    copyBytes,
  };
}

/** Secure Boot knows the boot loader that the machine had, and no other. */
function withFirmware(machine: Machine, firmware: Firmware | undefined): Machine {
  return !firmware || firmware === machine.firmware ? machine : { ...machine, firmware, secureBoot: false };
}

/** What stands in the way of this restore, as the target itself says now. */
export async function validate(
  placement: Placement,
  { target, options }: ChosenTarget,
  { rehearsalOnly }: Pick<RestoreOrder, 'rehearsalOnly'>,
  context: TargetContext,
): Promise<Finding[]> {
  const findings = await target.check(placement, options, context);
  return [...placementFindings(placement), ...(rehearsalOnly ? findings.map(asToldByRehearsal) : findings)];
}

/** A rehearsal makes nothing on the target, so that nothing there can stop it: what would stop a restore is told. */
function asToldByRehearsal(finding: Finding): Finding {
  if (finding.severity !== Severity.BLOCK) return finding;
  const message = `This would stop a restore, though not its rehearsal: ${finding.message}`;
  return { ...finding, severity: Severity.WARN, message };
}

function placementFindings({ machine }: Placement): Finding[] {
  if (machine.disks.length > 0) return [];
  return [
    {
      code: 'machine.no-disks',
      severity: Severity.BLOCK,
      subject: machine.name,
      message: 'The backup holds no disk of this machine.',
      remedy: 'Take a backup that includes the disks.',
    },
  ];
}

/** @throws run.blocked with every finding that stops the restore. */
export function refuseBlocked(findings: readonly Finding[]): void {
  const blocks = findings.filter(({ severity }) => severity === Severity.BLOCK);
  if (blocks.length === 0) return;
  throw new AscendError('run.blocked', blocks.map(({ message }) => message).join(' '), {
    context: { findings: blocks.map(({ code }) => code).join(', ') },
    hint: blocks.map(({ remedy }) => remedy).join(' '),
  });
}

/** @throws run.blocked, source.invalid */
export function requireMachine({ machine, location, findings }: Analysis): Machine {
  refuseBlocked(findings);
  if (machine) return machine;
  throw new AscendError('source.invalid', 'The metadata of the backup cannot be understood.', {
    context: { location },
    hint: 'See what of it can be read: ascend-agent analyse PATH',
  });
}
