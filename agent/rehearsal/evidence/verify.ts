/** Checks a folder of evidence: who signed it, and that not a byte of it was changed, taken away or added. */
import { X509Certificate } from 'node:crypto';
import { lstat, open, opendir } from 'node:fs/promises';
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';
import { canonicalBytes, type Canonical } from './canonical.ts';
import {
  DOCUMENT,
  evidenceSchema,
  MAX_DOCUMENT_BYTES,
  MOST_FILES,
  type EvidenceFile,
  type SignedEvidence,
} from './document.ts';
import { sha256Of } from './folder.ts';
import { isSigned } from './signer.ts';

export interface EvidenceCheck {
  intact: boolean;
  /** What is wrong, a sentence each. */
  problems: string[];
  signedBy: {
    /** agent: by the key of an enrolled agent's certificate; local: by a key that one host has made for itself. */
    kind: 'agent' | 'local';
    fingerprint: string;
    agentId: string | undefined;
    /** Whether the certificate is of the CA that this host trusts; undefined where it trusts none. */
    trusted: boolean | undefined;
  };
  evidence: SignedEvidence['evidence'];
}

/**
 * `ca`: PEM of the controller's CA, as this host got it when it was enrolled.
 * @throws evidence.invalid where there is no evidence to check
 */
export async function verifyEvidence(folder: string, ca: string | undefined): Promise<EvidenceCheck> {
  const { evidence, signature } = await readDocument(path.join(folder, DOCUMENT));
  const problems: string[] = [];
  if (!isSigned(canonicalBytes(evidence as unknown as Canonical), signature))
    problems.push(`${DOCUMENT} was changed after it was signed, or its signature is of another document.`);
  const certificate = evidence.agent && certificateOf(evidence.agent.certificate);
  if (evidence.agent && !hasKey(certificate, signature.publicKey))
    problems.push("The signature was not made with the key of the agent's certificate that it names.");
  const trusted = certificate && ca !== undefined ? isIssuedBy(certificate, ca) : undefined;
  if (trusted === false)
    problems.push("The agent's certificate was not issued by the controller that this host is enrolled at.");
  problems.push(...(await fileProblems(folder, evidence.files)));
  const kind = evidence.agent ? 'agent' : 'local';
  const signedBy = {
    kind,
    fingerprint: signature.fingerprint,
    agentId: evidence.agent?.id,
    trusted,
  } as const;
  return { intact: problems.length === 0, problems, signedBy, evidence };
}

async function readDocument(file: string): Promise<SignedEvidence> {
  const wrong = (why: string, cause?: unknown) =>
    new AscendError('evidence.invalid', `${file}: ${why}`, {
      context: { file },
      hint: 'Give the folder that a rehearsal has written.',
      cause,
    });
  let text: string;
  try {
    await using handle = await open(file, 'r');
    const entry = await handle.stat();
    if (!entry.isFile() || entry.size > MAX_DOCUMENT_BYTES) throw wrong('is no evidence');
    text = await handle.readFile('utf8');
  } catch (cause) {
    throw cause instanceof AscendError ? cause : wrong('cannot be read', cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw wrong('is not JSON', cause);
  }
  const parsed = evidenceSchema.safeParse(json);
  if (!parsed.success) throw wrong('is not evidence of a rehearsal', parsed.error);
  return parsed.data;
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function hasKey(certificate: X509Certificate | undefined, publicKey: string): boolean {
  return certificate?.publicKey.export({ type: 'spki', format: 'der' }).toString('base64') === publicKey;
}

function isIssuedBy(certificate: X509Certificate, ca: string): boolean {
  const issuer = certificateOf(ca);
  return issuer !== undefined && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

async function fileProblems(folder: string, files: readonly EvidenceFile[]): Promise<string[]> {
  const problems: string[] = [];
  const wanted = new Map(files.map((file) => [file.name, file]));
  const there = await namesIn(folder);
  for (const name of there)
    if (name !== DOCUMENT && !wanted.has(name)) problems.push(`${JSON.stringify(name)} was added.`);
  if (there.length > MOST_FILES) problems.push(`There are more than ${MOST_FILES} files.`);
  for (const file of wanted.values()) {
    const problem = await fileProblem(folder, file);
    if (problem) problems.push(`${JSON.stringify(file.name)} ${problem}`);
  }
  return problems;
}

/** As many as there can be, and one more. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    names.push(name);
    if (names.length > MOST_FILES + 1) break;
  }
  return names.sort();
}

async function fileProblem(
  folder: string,
  { name, sizeBytes, sha256 }: EvidenceFile,
): Promise<string | undefined> {
  if (path.basename(name) !== name || name === '.' || name === '..' || name.includes('\0'))
    return 'is no name of a file of this folder.';
  const file = path.join(folder, name);
  const entry = await lstat(file).catch(() => undefined);
  if (!entry) return 'is missing.';
  // A link could lead anywhere, and a pipe would never end.
  if (!entry.isFile()) return 'is no regular file.';
  if (entry.size !== sizeBytes) return `has ${entry.size} bytes instead of ${sizeBytes}.`;
  return (await sha256Of(file)) === sha256 ? undefined : 'was changed.';
}
