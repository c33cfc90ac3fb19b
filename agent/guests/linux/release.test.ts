import { expect, it } from 'vitest';
import { parseRelease } from './release.ts';

it.each([
  [
    '/etc/os-release',
    'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
    { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  ],
  [
    '/etc/os-release',
    "ID='arch'\nNAME='Arch Linux'\n",
    { id: 'arch', version: undefined, name: 'Arch Linux' },
  ],
  ['/etc/os-release', 'nothing of the kind\n', undefined],
  [
    '/etc/redhat-release',
    'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n',
    { id: 'rhel', version: '6.10', name: 'Red Hat Enterprise Linux Server release 6.10 (Santiago)' },
  ],
  [
    '/etc/redhat-release',
    'CentOS release 5.11 (Final)\n',
    { id: 'centos', version: '5.11', name: 'CentOS release 5.11 (Final)' },
  ],
  [
    '/etc/SuSE-release',
    'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
    { id: 'sles', version: '11.4', name: 'SUSE Linux Enterprise Server 11 (x86_64)' },
  ],
  ['/etc/SuSE-release', 'SUSE\n', undefined],
  ['/etc/debian_version', '7.11\n', { id: 'debian', version: '7.11', name: 'Debian 7.11' }],
  ['/etc/debian_version', '\n', undefined],
])('reads %s: %j', (path, text, release) => {
  expect(parseRelease(path, text)).toEqual(release);
});
