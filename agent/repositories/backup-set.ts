/**
 * The backup set: how a backup lies in a repository. Format version 1, described in ./README.md and published
 * as JSON Schema in ./backup-set.schema.json. A manifest is hostile input: every path is checked before use.
 */
import { open, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';
import { openRegularFile } from '../host/regular-file.ts';
import { hashOf, type HashOptions } from './hash.ts';
import { PLAIN_PATH } from './plain-path.ts';

export const MANIFEST_NAME = 'backup.json';

// A manifest names at most some hundred files; 16 MiB is far above any honest one and keeps a hostile one small.
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

const relativePath = z
  .string()
  .max(1024)
  .regex(PLAIN_PATH, 'must be a relative path with forward slashes and without ..')
  .describe('Relative to the folder of the manifest, forward slashes, no "..".');

const layer = z.strictObject({
  file: relativePath,
  backup: z.uuid().describe('Identifier of the backup that captured this layer.'),
});

const disk = z.strictObject({
  id: z.string().min(1).max(128).describe("The disk's address in the platform's metadata, e.g. scsi0:0."),
  sizeBytes: z.int().positive().multipleOf(512),
  layers: z.array(layer).min(1).max(256).describe('The chain, base first, in any format that Ascend reads.'),
});

const file = z.strictObject({
  path: relativePath,
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Ids are what everything else goes by; the JSON Schema cannot say this. */
function areUnique(disks: readonly { id: string }[]): boolean {
  return new Set(disks.map(({ id }) => id)).size === disks.length;
}

export const manifestSchema = z
  .strictObject({
    format: z.literal('ascend-backup'),
    formatVersion: z.literal(1),
    id: z.uuid(),
    platform: z.string().regex(/^[a-z0-9]+$/),
    machineName: z.string().min(1).max(255),
    capturedAt: z.iso.datetime(),
    parent: z
      .strictObject({ id: z.uuid(), capturedAt: z.iso.datetime() })
      .nullable()
      .describe('The backup that this one builds on; null for a full backup.'),
    metadata: z
      .array(relativePath)
      .min(1)
      .max(64) // each is read whole
      .describe("The platform's own files, the main one first."),
    disks: z.array(disk).max(1024).refine(areUnique, 'two disks have the same id'),
    files: z.array(file).describe('Every file of the backup but the manifest itself.'),
  })
  .meta({ title: 'Ascend backup set, format version 1' });

export type Manifest = z.infer<typeof manifestSchema>;

/** What is published as ./backup-set.schema.json (scripts/publish-schema.ts). */
export function manifestJsonSchema(): object {
  return z.toJSONSchema(manifestSchema);
}

/**
 * Reads and checks `backup.json` in a folder: its shape only, no other file is opened.
 * @throws backup.not-found where there is none; backup.invalid where it is no manifest of version 1.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    // No link and no pipe: the one could show a file of this host in an error, the other would never end.
    await using file = await openRegularFile(folder, MANIFEST_NAME);
    const { size } = await file.stat();
    if (size > MAX_MANIFEST_BYTES) throw invalid(folder, `the manifest is ${size} bytes long`);
    text = await file.readFile('utf8');
  } catch (cause) {
    if (cause instanceof AscendError) throw cause;
    throw new AscendError('backup.not-found', `No backup in ${folder}: ${MANIFEST_NAME} cannot be read.`, {
      context: { folder },
      hint: `Give the folder that holds ${MANIFEST_NAME}.`,
      cause,
    });
  }
  return parseManifest(text, folder);
}

/** @throws backup.invalid with the path and reason of the first problems. */
export function parseManifest(text: string, folder: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(folder, `not JSON (${(cause as Error).message})`, cause);
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > 1) {
    throw new AscendError(
      'backup.invalid',
      `${folder}: backup set format version ${version} is newer than this agent.`,
      {
        context: { folder },
        hint: 'Update the agent.',
      },
    );
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw invalid(folder, problems.join('; '));
  }
  return parsed.data;
}

function invalid(folder: string, why: string, cause?: unknown): AscendError {
  return new AscendError('backup.invalid', `${path.join(folder, MANIFEST_NAME)}: ${why}.`, {
    context: { folder },
    hint: 'Take the backup again, or copy it again from where it came from.',
    cause,
  });
}

export type ManifestDraft = Omit<Manifest, 'format' | 'formatVersion' | 'files'>;

/** Hashes every file that the draft names and writes `backup.json`; the folder is then a backup set. */
export async function writeManifest(folder: string, draft: ManifestDraft): Promise<Manifest> {
  const names = new Set([
    ...draft.metadata,
    ...draft.disks.flatMap((disk) => disk.layers.map((layer) => layer.file)),
  ]);
  const files: Manifest['files'] = [];
  for (const name of names) {
    const { size } = await stat(path.join(folder, name));
    files.push({ path: name, sizeBytes: size, sha256: await sha256(path.join(folder, name)) });
  }
  return storeManifest(folder, { ...draft, files });
}

/** Writes `backup.json` for files that have been hashed. */
export async function storeManifest(
  folder: string,
  content: Omit<Manifest, 'format' | 'formatVersion'>,
): Promise<Manifest> {
  const manifest = manifestSchema.parse({ format: 'ascend-backup', formatVersion: 1, ...content });
  await writeFile(path.join(folder, MANIFEST_NAME), JSON.stringify(manifest, null, 2) + '\n');
  return manifest;
}

/** SHA-256 of a file in lower-case hex. */
export async function sha256(file: string, options: HashOptions = {}): Promise<string> {
  await using handle = await open(file, 'r');
  return await hashOf(handle, options);
}
