/**
 * Where this machine gets Debian from. Guests are built with its own package sources and settings, so that a site
 * mirror or a proxy serves them too and no mirror is named here.
 */
import { exec } from '../../agent/exec.ts';

export interface HostApt {
  /** The files under /etc/apt that name a source of this Debian release, one-line or deb822 style. */
  sourceFiles: string[];
  /** `Acquire::...` settings that decide whether a download works, as apt.conf lines. */
  settings: string[];
}

/** @param codename of the Debian release, e.g. `bookworm` */
export async function hostApt(codename: string): Promise<HostApt> {
  const format = '$(ORIGIN)|$(CODENAME)|$(SOURCESENTRY)';
  const targets = await exec('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const sourceFiles = debianSourceFiles(targets.stdout, codename);
  if (sourceFiles.length === 0) {
    throw new Error(
      `apt on this machine knows no package of Debian ${codename}. Run "apt-get update" first.`,
    );
  }
  const dump = await exec('apt-config', ['dump']);
  return { sourceFiles, settings: acquireSettings(dump.stdout) };
}

/** Reads `ORIGIN|CODENAME|FILE:ENTRY` lines. A file of other vendors' packages alone is left out. */
export function debianSourceFiles(targets: string, codename: string): string[] {
  const files = targets
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([origin, release]) => origin === 'Debian' && release?.split('-')[0] === codename)
    .map(([, , entry]) => entry!.replace(/:\d+$/, ''));
  return [...new Set(files)];
}

/** The lines of `apt-config dump` that carry proxies, time-outs, certificates and checks of dates. */
export function acquireSettings(dump: string): string[] {
  return dump
    .split('\n')
    .filter((line) => /^Acquire::(https?|ftp|Check-|Retries|ForceIP)[^ ]* "[^"]+";$/.test(line));
}
