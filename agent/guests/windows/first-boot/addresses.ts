/**
 * The step that gives network cards their addresses. Cards are found by MAC and named to netsh by their index, which
 * it takes everywhere in place of a name: names are translated, and change their letters on the way through a batch
 * file. Source: Microsoft Learn, "netsh interface"; Win32_NetworkAdapter.InterfaceIndex.
 */
import type { StaticConfiguration } from '../static-addresses.ts';
import { dos, POWERSHELL } from './batch.ts';

/** The step, and the same for PowerShell, which it calls where that is there. */
export function addressFiles(configurations: readonly StaticConfiguration[]): {
  lines: string[];
  script: string;
} {
  return { lines: addressStep(configurations), script: dos(addressScript(configurations)) };
}

function addressStep(configurations: readonly StaticConfiguration[]): string[] {
  return [
    'where.exe powershell.exe >nul 2>&1 || goto batch',
    `${POWERSHELL} -File "%~dp0..\\addresses.ps1"`,
    'exit /b %errorlevel%',
    ':batch',
    'set FAILED=0',
    ...configurations.flatMap(batchAddress),
    'if not %FAILED%==0 exit /b 1',
  ];
}

function batchAddress(configuration: StaticConfiguration, index: number): string[] {
  const { mac } = configuration;
  return [
    'set NIC=',
    // wmic ends its lines with two carriage returns, of which the inner loop takes one away.
    `for /f "tokens=2 delims==" %%N in ('wmic.exe nic where "MACAddress='${mac.toUpperCase()}' and NetConnectionID is not null" get InterfaceIndex /value ^| find.exe "="') do for /f "delims=" %%M in ("%%N") do set "NIC=%%M"`,
    `if defined NIC goto set${index}`,
    `echo No network card ${mac}`,
    ...(configuration.dhcp ? [] : ['set FAILED=1']),
    `goto after${index}`,
    `:set${index}`,
    ...netsh(configuration).map(({ command, mayFail }) =>
      [`netsh.exe ${command.replace('NIC', '%NIC%')}`, ...(mayFail ? [] : ['set FAILED=1'])].join(' || '),
    ),
    `:after${index}`,
  ];
}

function addressScript(configurations: readonly StaticConfiguration[]): string[] {
  return [
    '# Written by Ascend: addresses of this machine, for the network cards with these MAC addresses.',
    '$failed = 0',
    ...configurations.flatMap((configuration) => [
      `$nic = Get-WmiObject Win32_NetworkAdapter -Filter "MACAddress='${configuration.mac.toUpperCase()}'" | Where-Object { $_.NetConnectionID } | Select-Object -First 1`,
      `if ($nic) {`,
      '  $index = $nic.InterfaceIndex',
      ...netsh(configuration).map(
        ({ command, mayFail }) =>
          `  & netsh.exe ${command.replace('NIC', '$index')}${mayFail ? '' : '; if ($LASTEXITCODE -ne 0) { $failed = 1 }'}`,
      ),
      `} else { Write-Output 'No network card ${configuration.mac}'${configuration.dhcp ? '' : '; $failed = 1'} }`,
    ]),
    'exit $failed',
  ];
}

interface Command {
  /** After "netsh.exe"; NIC stands for the card. */
  command: string;
  /** To netsh, what is so already is an error. */
  mayFail?: true;
}

function netsh(configuration: StaticConfiguration): Command[] {
  return [...ipv4(configuration), ...ipv6(configuration)];
}

/** Setting is repeatable; adding an address that is there already fails, so the first is set and takes the others away. */
function ipv4({ dhcp, addresses, gateways, dns }: StaticConfiguration): Command[] {
  if (dhcp) {
    return [
      { command: 'interface ipv4 set address NIC dhcp', mayFail: true },
      { command: 'interface ipv4 set dnsservers NIC dhcp', mayFail: true },
    ];
  }
  const [gateway, ...otherGateways] = gateways;
  return [
    ...addresses.map(({ address, mask }, index) => ({
      command:
        index === 0
          ? `interface ipv4 set address NIC static ${address} ${mask}${gateway ? ` ${gateway} 1` : ''}`
          : `interface ipv4 add address NIC ${address} ${mask}`,
    })),
    ...otherGateways.map((other) => ({
      command: `interface ipv4 add address NIC gateway=${other} gwmetric=2`,
    })),
    ...nameServers('ipv4', dns),
  ];
}

/** There is no setting of an only address: what is there is taken away first, and fails where it is not. */
function ipv6({ ipv6 }: StaticConfiguration): Command[] {
  if (ipv6 === undefined) return [];
  const { addresses, gateways, dns } = ipv6;
  return [
    ...addresses.flatMap(({ address, prefix }): Command[] => [
      { command: `interface ipv6 delete address NIC ${address}`, mayFail: true },
      { command: `interface ipv6 add address NIC ${address}/${prefix}` },
    ]),
    ...gateways.flatMap((gateway): Command[] => [
      { command: `interface ipv6 delete route ::/0 NIC ${gateway}`, mayFail: true },
      { command: `interface ipv6 add route ::/0 NIC ${gateway}` },
    ]),
    ...nameServers('ipv6', dns),
  ];
}

function nameServers(family: 'ipv4' | 'ipv6', dns: readonly string[]): Command[] {
  const [server, ...others] = dns;
  if (server === undefined) return [];
  return [
    { command: `interface ${family} set dnsservers NIC static ${server} primary validate=no` },
    ...others.map((other, index) => ({
      command: `interface ${family} add dnsservers NIC ${other} index=${index + 2} validate=no`,
    })),
  ];
}
