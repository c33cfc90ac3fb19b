/** The folder of a rehearsal's evidence: filled while the twin runs, sealed by a signed list of what is in it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import path from 'node:path';
import { AscendError } from '../../../proto/errors.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { findingJson, machineJson } from '../../../proto/machine-json.ts';
import type { PreparedDisk } from '../../disks/prepared.ts';
import type { ContentProof } from '../../guests/proof.ts';
import type { Fidelity, TwinHardware } from '../hardware.ts';
import { needsOvmf } from '../qemu/arguments.ts';
import { ovmfVersion } from '../qemu/firmware.ts';
import type { TwinRun } from '../twin-run.ts';
import { canonicalBytes, type Canonical } from './canonical.ts';
import { DOCUMENT, type EvidenceFile } from './document.ts';
import type { EvidenceSigner } from './signer.ts';

export interface EvidenceFacts {
  machine: Machine;
  location: string;
  destination: { kind: string; title: string };
  hardware: TwinHardware;
  fidelity: Fidelity;
  statement: string;
  disks: readonly PreparedDisk[];
  fixes: readonly { name: string; summary: string; files: readonly string[] }[];
  findings: readonly Finding[];
  contents: readonly ContentProof[];
  run: TwinRun;
  startedAt: Date;
  agentVersion: string;
}

export interface EvidenceFolder {
  seal(facts: EvidenceFacts, context: { signer: EvidenceSigner }): Promise<void>;
}

/** @throws already-exists where something is in the folder */
export async function openEvidence(folder: string): Promise<EvidenceFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw new AscendError('already-exists', `${folder} is not empty.`, {
      hint: 'Give a new folder for the evidence.',
    });
  }
  return {
    async seal(facts, { signer }) {
      const evidence = await describe(facts, folder, signer);
      const signature = signer.sign(canonicalBytes(evidence));
      await writeDurably(
        path.join(folder, DOCUMENT),
        `${JSON.stringify({ evidence, signature }, null, 2)}\n`,
      );
    },
  };
}

async function describe(
  facts: EvidenceFacts,
  folder: string,
  { agent }: EvidenceSigner,
): Promise<Record<string, Canonical>> {
  const { run, hardware } = facts;
  return json({
    format: 'ascend-evidence/1',
    madeAt: new Date().toISOString(),
    ...(agent && { agent }),
    backup: facts.location,
    machine: machineJson(facts.machine),
    destination: facts.destination,
    fidelity: facts.fidelity,
    statement: facts.statement,
    twin: {
      disk: hardware.disk,
      nic: hardware.nic,
      firmware: needsOvmf(hardware) ? 'uefi' : 'bios',
      secureBoot: hardware.secureBoot,
      tpm: hardware.tpm,
      acceleration: run.kvm ? 'kvm' : 'none',
      memoryMiB: run.memoryMiB,
      processors: run.processors,
    },
    verdict: { ...run.verdict, cause: run.verdict.cause ?? null },
    network: run.observations.network,
    contents: facts.contents,
    fixes: facts.fixes,
    findings: facts.findings.map(findingJson),
    disks: await Promise.all(facts.disks.map(overlay)),
    shots: run.shots,
    timings: {
      startedAt: facts.startedAt.toISOString(),
      twinMs: Math.round(run.seconds * 1000),
      totalMs: Date.now() - facts.startedAt.getTime(),
      timeoutSeconds: run.timeoutSeconds,
    },
    versions: {
      agent: facts.agentVersion,
      qemu: run.version,
      ...(needsOvmf(hardware) && { ovmf: await ovmfVersion(hardware.secureBoot) }),
    },
    files: await filesOf(folder),
  });
}

/** The converted disk as it was booted: the file over the backup that holds every change. */
async function overlay({ id, path: file, sizeBytes }: PreparedDisk) {
  const { size } = await stat(file);
  return { id, sizeBytes: Number(sizeBytes), overlayBytes: size, overlaySha256: await sha256Of(file) };
}

async function filesOf(folder: string): Promise<EvidenceFile[]> {
  const files: EvidenceFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const file = path.join(folder, name);
    files.push({ name, sizeBytes: (await stat(file)).size, sha256: await sha256Of(file) });
  }
  return files;
}

export async function sha256Of(file: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
}

/** As it will be read back: what JSON leaves out is not signed. */
function json(value: object): Record<string, Canonical> {
  return JSON.parse(JSON.stringify(value)) as Record<string, Canonical>;
}

async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  }
  await rename(draft, file);
}
