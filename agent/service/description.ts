/** What this agent says about itself: its providers with their forms, its targets, its repositories, its host. */
import { hostname } from 'node:os';
import { z } from 'zod';
import { asAscendError } from '../../proto/errors.ts';
import type { ProviderInfo, TargetInfo } from '../../proto/gen/ascend/v1/link.ts';
import type { AgentConfig } from '../config.ts';
import { accelerationFindings } from '../host/acceleration.ts';
import type { Description } from '../link/contract.ts';
import { chooseTarget } from '../pipeline/validate.ts';
import { locationOf } from '../repositories/repository.ts';
import type { Source } from '../sources/source.ts';
import type { StoredTarget, TargetStore } from '../state/targets.ts';
import { targets as targetKinds } from '../targets/index.ts';
import type { Target, TargetContext } from '../targets/target.ts';

export interface DescriptionParts {
  version: string;
  config: AgentConfig;
  sources: readonly Source[];
  targets: TargetStore;
  context: TargetContext;
}

export async function describeAgent(parts: DescriptionParts): Promise<Description> {
  const { version, config, sources, targets, context } = parts;
  return {
    agentVersion: version,
    hostname: hostname(),
    sources: sources.map(({ kind, title }) => ({ kind, title, optionSchemaJson: '{}', abilities: ['read'] })),
    targetKinds: targetKinds.map(providerOf),
    targets: await Promise.all(targets.list().map((stored) => targetInfo(stored, context))),
    repositories: config.repositories.map((repository) => ({
      name: repository.name,
      location: locationOf(repository),
    })),
    hostFindings: accelerationFindings(await context.acceleration()),
  };
}

/** The form of a restore: only the options that a single restore may set. */
function providerOf({ kind, title, options, perRestore }: Target): ProviderInfo {
  const schema = z.toJSONSchema(options, { io: 'input' });
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).filter(([name]) => perRestore.includes(name)),
  );
  const optionSchemaJson = JSON.stringify({ type: 'object', properties, additionalProperties: false });
  return { kind, title, optionSchemaJson, abilities: ['restore', 'convert', 'rehearse'] };
}

async function targetInfo(stored: StoredTarget, context: TargetContext): Promise<TargetInfo> {
  const { name, kind } = stored;
  try {
    const { target, options } = chooseTarget(stored, undefined);
    return { name, kind, networks: await target.networks(options, context), reachable: true, problem: '' };
  } catch (thrown) {
    return { name, kind, networks: [], reachable: false, problem: asAscendError(thrown).message };
  }
}
