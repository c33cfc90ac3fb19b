/** Who this agent is to its controller. One file holds it all, so that a key never meets another key's certificate. */
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AscendError } from '../../proto/errors.ts';

const identity = z.strictObject({
  agentId: z.string().min(1),
  site: z.string(),
  /** "host:port" of the Link service. */
  linkAddress: z.string(),
  /** PEM, PKCS#8. Made on this host; it leaves it in no message. */
  key: z.string(),
  /** PEM */
  certificate: z.string(),
  /** PEM; the only CA that the agent trusts for its controller. */
  ca: z.string(),
  /** PEM; the only key whose orders the agent follows. */
  orderKey: z.string(),
  /** When this host got the certificate, by its own clock. */
  certificateObtainedAt: z.iso.datetime(),
});

export type Identity = z.infer<typeof identity>;

/**
 * @returns undefined where the agent is not enrolled.
 * @throws state.invalid
 */
export async function readIdentity(stateDirectory: string): Promise<Identity | undefined> {
  const path = fileIn(stateDirectory);
  try {
    return identity.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new AscendError('state.invalid', `The agent's identity cannot be read from ${path}.`, {
      context: { path },
      hint: 'Restore the file, or enrol again with "ascend-agent enrol --force".',
      cause,
    });
  }
}

/** Durable when it resolves; a crash leaves the old identity or the new one. */
export async function writeIdentity(stateDirectory: string, value: Identity): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const path = fileIn(stateDirectory);
  const draft = `${path}.new`;
  {
    await using file = await open(draft, 'w', 0o600);
    // The mode above counts only for a new file; a draft may be left from a crash.
    await chmod(draft, 0o600);
    await file.writeFile(JSON.stringify(value, null, 2));
    await file.sync();
  }
  await rename(draft, path);
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
}

/**
 * Whether half of the certificate's life is over. Counted from when we got it: this host's clock may be wrong, but it runs
 * at the right speed. Where it has been set back since, the certificate's age is unknown, and it is renewed at once.
 */
export function renewalIsDue({ certificate, certificateObtainedAt }: Identity, now = Date.now()): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const lifetimeMs = validToDate.getTime() - validFromDate.getTime();
  const ageMs = now - Date.parse(certificateObtainedAt);
  return ageMs < 0 || ageMs >= lifetimeMs / 2;
}

function fileIn(stateDirectory: string): string {
  return join(stateDirectory, 'identity.json');
}
