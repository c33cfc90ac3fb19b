/** What the administrator of a conversion host decides: `<state>/agent.json`, or the file given with --settings. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AscendError } from '../proto/errors.ts';
import { MAX_KEY_FILES } from './guests/volume-keys.ts';
import { bucketSchema, type BucketOptions } from './repositories/bucket-options.ts';

const repositoryName = z.string().min(1).max(64);

function haveOwnNames(repositories: readonly { name: string }[]): boolean {
  return new Set(repositories.map(({ name }) => name)).size === repositories.length;
}

const configSchema = z.strictObject({
  repositories: z
    .array(
      z.union([
        z.strictObject({ name: repositoryName, path: z.string().startsWith('/') }),
        z.strictObject({ name: repositoryName, bucket: bucketSchema }),
      ]),
    )
    .refine(haveOwnNames, 'two repositories have the same name')
    .default([])
    .describe('Folders and buckets that hold backups.'),
  drivers: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Windows drivers for restores: virtio-win.iso, or a folder of drivers.'),
  packages: z
    .string()
    .startsWith('/')
    .optional()
    .describe(
      "Installers of targets' tools, for Windows and Linux: a folder, or an image such as VMware Tools' windows.iso.",
    ),
  luksKeys: z
    .array(z.string().startsWith('/'))
    .max(MAX_KEY_FILES)
    .optional()
    .describe(
      'Files, each with a passphrase or key of encrypted volumes (LUKS); readable by their owner alone.',
    ),
  parallelRuns: z.int().min(1).max(16).default(2).describe('Restores that run at once; the others wait.'),
  scanSeconds: z.int().min(5).default(60).describe('How often the repositories are looked through.'),
  policy: z
    .strictObject({
      targets: z
        .array(z.string())
        .optional()
        .describe('Targets that the controller may restore to; all when absent.'),
      restores: z.boolean().default(true).describe('Whether the controller may order restores at all.'),
    })
    .default({ restores: true }),
});

export type AgentConfig = z.infer<typeof configSchema>;

export function bucketsOf({ repositories }: AgentConfig): BucketOptions[] {
  return repositories.flatMap((repository) => ('bucket' in repository ? [repository.bucket] : []));
}

/** @throws config.invalid; a file that was not asked for may be absent */
export async function readConfig(stateDir: string, file: string | undefined): Promise<AgentConfig> {
  const from = file ?? path.join(stateDir, 'agent.json');
  const wrong = (why: string, cause?: unknown) =>
    new AscendError('config.invalid', `${from}: ${why}`, {
      context: { file: from },
      hint: 'Correct the file and start again.',
      cause,
    });
  let text: string;
  try {
    text = await readFile(from, 'utf8');
  } catch (cause) {
    if (file === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT')
      return configSchema.parse({});
    throw wrong('cannot be read', cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
