/**
 * cloud-init must not take a restored machine for a new one: it would make new host keys, another name, and another
 * network configuration. Source: cloud-init's documentation, "Disable network activity", "SSH", "Datasources".
 */
import type { Fix } from '../fix.ts';
import type { GuestFiles } from '../files.ts';
import type { GuestRequirements } from '../requirements.ts';

export interface CloudInitFacts {
  isThere: boolean;
  /** Text of our settings; undefined where there are none yet. */
  settings: string | undefined;
}

const FOLDER = '/etc/cloud/cloud.cfg.d';
const SETTINGS = `${FOLDER}/99-ascend.cfg`;
const SOURCES = { ec2: 'Ec2', azure: 'Azure' } as const;

export async function readCloudInit(files: GuestFiles): Promise<CloudInitFacts> {
  return {
    isThere: await files.test('is-file', '/etc/cloud/cloud.cfg'),
    settings: await files.readText(SETTINGS),
  };
}

export function planCloudInit({ isThere, settings }: CloudInitFacts, wants: GuestRequirements): Fix[] {
  if (!isThere) return [];
  const { cloud } = wants;
  const lines = [
    '# This machine was restored: cloud-init leaves its identity as it is.',
    'preserve_hostname: true',
    'ssh_deletekeys: false',
    // In a cloud its agents set the network up; elsewhere what the guest has configured counts.
    cloud === undefined ? 'network: {config: disabled}' : `datasource_list: [${SOURCES[cloud]}, None]`,
  ];
  const content = `${lines.join('\n')}\n`;
  if (content === settings) return [];
  return [
    {
      name: 'linux.cloud-init',
      summary:
        'Let cloud-init keep the name, the host keys and the network of the machine: it is no new one.',
      changes: [{ kind: 'write', path: SETTINGS, content }],
    },
  ];
}
