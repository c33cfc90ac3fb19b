/** What is read of a guest's network, beside the files that configure it. */
import type { GuestFiles } from '../../files.ts';
import { readAll } from '../boot/boot-files.ts';
import { readStackFiles, type StackFile } from '../network/index.ts';
import { hasDhcpClient } from './dhcp-client.ts';

export interface NetworkFacts {
  files: readonly StackFile[];
  /** Link files of ours that are there already: path -> text. */
  linkFiles: ReadonlyMap<string, string>;
  /** Whether udev reads link files: systemd has them since release 211. */
  readsLinks: boolean;
  /** Rules of the years before; undefined where there is no such file. */
  rules: string | undefined;
  /** Whether ifupdown finds a DHCP client to start. */
  hasDhcpClient: boolean;
  /** SUSE's routes, which outlive a change of addresses: path -> text. */
  routes: ReadonlyMap<string, string>;
}

export const LINK_DIR = '/etc/systemd/network';
export const PERSISTENT_RULES = '/etc/udev/rules.d/70-persistent-net.rules';
export const SUSE_FOLDER = '/etc/sysconfig/network';
export const SUSE_ROUTES = `${SUSE_FOLDER}/routes`;

export async function readNetwork(files: GuestFiles): Promise<NetworkFacts> {
  const links = (await files.list(LINK_DIR)).filter((name) => /^10-ascend-.*\.link$/.test(name));
  const routes = (await files.list(SUSE_FOLDER)).filter((name) => /^(routes|ifroute-\w+)$/.test(name));
  const defaults = ['/usr/lib/systemd/network/99-default.link', '/lib/systemd/network/99-default.link'];
  const found = await readAll(files, defaults);
  return {
    files: await readStackFiles(files),
    linkFiles: await readAll(
      files,
      links.map((name) => `${LINK_DIR}/${name}`),
    ),
    readsLinks: found.size > 0,
    rules: await files.readText(PERSISTENT_RULES),
    hasDhcpClient: await hasDhcpClient(files),
    routes: await readAll(
      files,
      routes.map((name) => `${SUSE_FOLDER}/${name}`),
    ),
  };
}
