import { expect, test } from 'vitest';
import type { StaticConfiguration } from '../static-addresses.ts';
import { firstBootFiles, type FirstBoot } from './script.ts';

const configuration: StaticConfiguration = {
  mac: '00:50:56:9a:3c:22',
  dhcp: false,
  addresses: [
    { address: '10.0.0.5', mask: '255.255.255.0' },
    { address: '10.0.0.6', mask: '255.255.255.0' },
  ],
  gateways: ['10.0.0.1', '10.0.0.2'],
  dns: ['10.0.0.53', '10.0.0.54'],
  ipv6: {
    addresses: [{ address: '2001:db8::5', prefix: 64 }],
    gateways: ['fe80::1'],
    dns: ['2001:db8::53', '2001:db8::54'],
  },
};
const dhcp: StaticConfiguration = {
  mac: '00:50:56:00:00:02',
  dhcp: true,
  addresses: [],
  gateways: [],
  dns: [],
  ipv6: undefined,
};
const all: FirstBoot = {
  required: ['viostor.inf', 'netkvm.inf'],
  optional: ['balloon.inf'],
  addresses: [configuration, dhcp],
  installers: [{ name: 'qemu-ga-x86_64.msi', command: 'msiexec.exe /i FILE /qn /norestart' }],
};
const files = firstBootFiles(all);
const lines = (name: string) => (files.get(name) ?? '').split('\r\n');
const batchFiles = [...files].filter(([name]) => name.endsWith('.cmd'));

/** What cmd.exe sees of a line: nothing of what is in quotes. */
const unquoted = (line: string) => line.replace(/"[^"]*"/g, '""');

test.each(batchFiles)('%s is what cmd.exe reads: lines, labels, blocks', (_name, text) => {
  expect(text).toMatch(/\r\n$/);
  expect(text.replaceAll('\r\n', '')).toMatch(/^[\x20-\x7e]*$/);
  const all = text.split('\r\n');
  // Source: Microsoft, "Command prompt line string limitation".
  for (const line of all) expect(line.length).toBeLessThan(8191);
  const labels = all.flatMap((line) => /^:(\w+)$/.exec(line)?.[1] ?? []);
  expect(new Set(labels).size).toBe(labels.length);
  for (const [, label] of text.matchAll(/\b(?:goto |call :)(\w+)/g)) expect(labels).toContain(label);
  let depth = 0;
  for (const line of all.filter((candidate) => !/^(?:rem|:)/.test(candidate))) {
    depth += (unquoted(line).match(/\(/g)?.length ?? 0) - (unquoted(line).match(/\)/g)?.length ?? 0);
    expect(depth, line).toBeGreaterThanOrEqual(0);
    // A label in a block ends it, in cmd.exe alone.
    if (depth > 0) expect(line).not.toMatch(/goto/);
  }
  expect(depth).toBe(0);
});

test('runs its steps in the order of their numbers, each with a time limit, required and optional apart', () => {
  const calls = lines('first-boot.cmd').filter((line) => line.startsWith('call :step'));
  expect(calls).toEqual([
    'call :step 10-required-drivers 600 4 1',
    'call :step 20-required-addresses 300 4 1',
    'call :step 30-required-disks 300 4 1',
    'call :step 40-optional-drivers 600 2 0',
    'call :step 50-optional-tools 1200 2 0',
    'call :step 90-required-settings 60 4 1',
  ]);
  for (const [, name] of calls.map((line) => line.split(':step ')))
    expect(files.has(`steps\\${name?.split(' ')[0] ?? ''}.cmd`)).toBe(true);
});

test('waits for no step longer than its limit, ends it, and goes on', () => {
  const runner = files.get('first-boot.cmd') ?? '';
  // The step runs beside the runner; how it ended is asked once a second.
  expect(runner).toContain('start "" /b cmd.exe /c ""%HERE%run-step.cmd" %1"');
  expect(runner).toMatch(
    /for \/l %%W in \(1,1,%2\) do if not exist .*\.done" if not exist .*\.failed" ping\.exe -n 2/,
  );
  expect(runner).toMatch(/taskkill\.exe \/f \/t \/pid/);
  expect(files.get('run-step.cmd')).toMatch(/call .*%1\.cmd" >.*\.out" 2>&1/);
});

test('is over after three starts, whatever fails, and removes service and folder', () => {
  const runner = files.get('first-boot.cmd') ?? '';
  expect(runner).toContain('if !LEFT! gtr 0 if !STARTS! lss 3 (');
  const afterwards = runner.slice(runner.indexOf('given up'));
  expect(afterwards).toContain('sc.exe delete AscendFirstBoot');
  expect(afterwards).toContain('rmdir /s /q "%SystemRoot%\\Ascend"');
});

test('does nothing that is not asked for', () => {
  const few = firstBootFiles({ required: [], optional: [], addresses: [], installers: [] });
  expect([...few.keys()]).toEqual([
    'first-boot.cmd',
    'run-step.cmd',
    'steps\\30-required-disks.cmd',
    'steps\\90-required-settings.cmd',
  ]);
});

test('a driver that cannot be installed keeps none behind it from being installed', () => {
  const step = lines('steps\\10-required-drivers.cmd');
  expect(step.filter((line) => line.startsWith('pnputil.exe'))).toEqual([
    'pnputil.exe -i -a "%SystemRoot%\\Drivers\\Ascend\\viostor.inf"',
    'pnputil.exe -i -a "%SystemRoot%\\Drivers\\Ascend\\netkvm.inf"',
  ]);
  expect(step.findIndex((line) => line.includes('exit /b 1'))).toBeGreaterThan(
    step.findIndex((line) => line.includes('netkvm.inf"')),
  );
});

/** Source: Microsoft Learn, "netsh interface": the syntax of each command used, names of arguments left out or not. */
const V4 = String.raw`\d+\.\d+\.\d+\.\d+`;
const V6 = String.raw`[0-9a-f:]+`;
const NETSH = [
  `ipv4 set address NIC static ${V4} ${V4}( ${V4} \\d+)?`,
  `ipv4 add address NIC ${V4} ${V4}`,
  `ipv4 add address NIC gateway=${V4} gwmetric=\\d+`,
  'ipv4 set address NIC dhcp',
  'ipv4 set dnsservers NIC dhcp',
  `ipv4 set dnsservers NIC static ${V4} primary validate=no`,
  `ipv4 add dnsservers NIC ${V4} index=\\d+ validate=no`,
  `ipv6 (add|delete) address NIC ${V6}(/\\d+)?`,
  `ipv6 (add|delete) route ::/0 NIC ${V6}`,
  `ipv6 set dnsservers NIC static ${V6} primary validate=no`,
  `ipv6 add dnsservers NIC ${V6} index=\\d+ validate=no`,
].map((syntax) => new RegExp(`^interface ${syntax}$`));

test('tells netsh the same from PowerShell and from batch, in words that it knows', () => {
  const said = (text: string, nic: string) =>
    text
      .split('\r\n')
      .flatMap((line) => /netsh\.exe (.*?)(?:;.*| \|\| .*)?$/.exec(line)?.[1]?.replace(nic, 'NIC') ?? []);
  const fromBatch = said(files.get('steps\\20-required-addresses.cmd') ?? '', '%NIC%');
  expect(said(files.get('addresses.ps1') ?? '', '$index')).toEqual(fromBatch);
  for (const command of fromBatch)
    expect(
      NETSH.some((syntax) => syntax.test(command)),
      command,
    ).toBe(true);
  expect(fromBatch).toContain('interface ipv4 set address NIC static 10.0.0.5 255.255.255.0 10.0.0.1 1');
  expect(fromBatch).toContain('interface ipv6 add address NIC 2001:db8::5/64');
  expect(fromBatch).toContain('interface ipv6 add route ::/0 NIC fe80::1');
  expect(fromBatch).toHaveLength(13);
});

test('misses no card that DHCP is for, and one that has an address of its own', () => {
  const script = files.get('addresses.ps1') ?? '';
  expect(script).toContain("No network card 00:50:56:9a:3c:22'; $failed = 1 }");
  expect(script).toContain("No network card 00:50:56:00:00:02' }");
});
