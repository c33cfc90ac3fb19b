import { expect, test } from 'vitest';
import { acquireSettings, debianSourceFiles } from './host-apt.ts';

test('takes the files that name Debian itself, once each, and leaves other vendors out', () => {
  const targets = `Debian|bookworm|/etc/apt/sources.list.d/debian.sources:1
Debian|bookworm-security|/etc/apt/sources.list.d/debian.sources:2
Debian|trixie|/etc/apt/sources.list.d/next.list:1
Docker|bookworm|/etc/apt/sources.list.d/docker.list:1
`;
  expect(debianSourceFiles(targets, 'bookworm')).toEqual(['/etc/apt/sources.list.d/debian.sources']);
});

test('carries proxies and date checks over, and nothing else', () => {
  const dump = `APT::Architecture "amd64";
Acquire::cdrom::mount "/media/cdrom/";
Acquire::http "";
Acquire::http::Proxy "http://proxy.example:3128/";
Acquire::http::Proxy::mirror.example "DIRECT";
Acquire::https::Verify-Peer "true";
Acquire::Check-Valid-Until "false";
Acquire::Languages:: "none";
`;
  expect(acquireSettings(dump)).toEqual([
    'Acquire::http::Proxy "http://proxy.example:3128/";',
    'Acquire::http::Proxy::mirror.example "DIRECT";',
    'Acquire::https::Verify-Peer "true";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});
