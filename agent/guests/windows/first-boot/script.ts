/**
 * What Windows does once, at its first start on the target: numbered steps, run by one service as LocalSystem. Plain
 * batch with PowerShell where it is there: Server Core of 2008 R2 has none, Windows 11 has no wmic.
 */
import type { StaticConfiguration } from '../static-addresses.ts';

export interface FirstBoot {
  /** INF files in the staging folder, of which the target's disk or network needs the first. */
  required: readonly string[];
  optional: readonly string[];
  addresses: readonly StaticConfiguration[];
  /** Installers of the target's tools, by their names in the folder of the first start. */
  installers: readonly string[];
}

/** In the guest's Windows folder. */
export const FIRST_BOOT_FOLDER = 'Ascend';
export const SERVICE_NAME = 'AscendFirstBoot';

const TRIES = 3;
const STARTS = 3;

/** File name in the folder -> text. A required step that fails is tried again at the next start, an optional one is not. */
export function firstBootFiles(wants: FirstBoot): Map<string, string> {
  const files = new Map([['first-boot.cmd', RUNNER]]);
  const step = (name: string, lines: readonly string[]) => files.set(`steps\\${name}.cmd`, batch(lines));
  if (wants.required.length > 0)
    step(
      '10-required-drivers',
      wants.required.map((inf) => installDriver(inf, true)),
    );
  if (wants.addresses.length > 0) {
    step('20-required-addresses', addressStep(wants.addresses));
    files.set('addresses.ps1', dos(addressScript(wants.addresses)));
  }
  step('30-required-disks', DISK_STEP);
  if (wants.optional.length > 0)
    step(
      '40-optional-drivers',
      wants.optional.map((inf) => installDriver(inf, false)),
    );
  if (wants.installers.length > 0) step('50-optional-tools', wants.installers.map(installTool));
  step('90-required-settings', SETTINGS_STEP);
  return files;
}

const batch = (lines: readonly string[]): string => dos(['@echo off', ...lines, 'exit /b 0']);
const dos = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

// "%%" is one "%" in a batch file; %~dp0 is the folder of the script, with "\" at its end.
const RUNNER = dos([
  '@echo off',
  'rem Written by Ascend when it restored this machine. It removes itself.',
  'setlocal EnableExtensions EnableDelayedExpansion',
  'set "HERE=%~dp0"',
  'set "LOG=%SystemRoot%\\Temp\\ascend-first-boot.log"',
  'set STARTS=0',
  'if exist "%HERE%starts.txt" set /p STARTS=<"%HERE%starts.txt"',
  'set /a STARTS+=1',
  '>"%HERE%starts.txt" echo !STARTS!',
  'call :log start !STARTS! of ' + String(STARTS),
  'set LEFT=0',
  'for /f "delims=" %%S in (\'dir /b /a-d /on "%HERE%steps\\*.cmd"\') do call :step %%~nS',
  `if !LEFT! gtr 0 if !STARTS! lss ${STARTS} (`,
  '  call :log !LEFT! required steps are left for the next start',
  '  exit /b 1',
  ')',
  'if !LEFT! gtr 0 (call :log given up, !LEFT! required steps failed) else (call :log done)',
  `sc.exe delete ${SERVICE_NAME} >>"%LOG%" 2>&1`,
  // A batch file cannot remove the folder that it runs from, so that is left to a program that outlives it.
  'start "" /b cmd.exe /c "ping.exe -n 4 127.0.0.1 >nul & rmdir /s /q "%SystemRoot%\\' +
    FIRST_BOOT_FOLDER +
    '""',
  'exit /b 0',
  '',
  ':step',
  'if exist "%HERE%steps\\%1.done" exit /b 0',
  `for /l %%T in (1,1,${TRIES}) do if not exist "%HERE%steps\\%1.done" (`,
  '  call :log %1, try %%T',
  '  call "%HERE%steps\\%1.cmd" >>"%LOG%" 2>&1',
  '  if !errorlevel! equ 0 (>"%HERE%steps\\%1.done" echo done) else ping.exe -n 11 127.0.0.1 >nul',
  ')',
  'if exist "%HERE%steps\\%1.done" exit /b 0',
  'call :log %1 failed',
  'echo %1| findstr.exe /c:"-required-" >nul && set /a LEFT+=1',
  'exit /b 0',
  '',
  ':log',
  '>>"%LOG%" echo %date% %time% %*',
  'exit /b 0',
]);

/** The old form of its options is understood by every release. 259: nothing newer to install; 3010: after a restart. */
function installDriver(inf: string, required: boolean): string {
  const call = `pnputil.exe -i -a "%SystemRoot%\\Drivers\\Ascend\\${inf}"`;
  return required
    ? `${call}\r\nif not %errorlevel%==0 if not %errorlevel%==259 if not %errorlevel%==3010 exit /b 1`
    : `${call} || echo ${inf} was not installed`;
}

function installTool(name: string): string {
  return `msiexec.exe /i "%~dp0..\\${name}" /qn /norestart\r\nif not %errorlevel%==0 if not %errorlevel%==3010 exit /b 1`;
}

const POWERSHELL = 'powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass';

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
  return [
    'set NIC=',
    `for /f "tokens=2 delims==" %%N in ('wmic.exe nic where "MACAddress='${configuration.mac.toUpperCase()}' and NetConnectionID is not null" get NetConnectionID /value ^| find.exe "="') do for /f "delims=" %%M in ("%%N") do set "NIC=%%M"`,
    `if not defined NIC (echo No network card ${configuration.mac} & set FAILED=1 & goto after${index})`,
    ...netsh(configuration).map(
      (line) => `netsh.exe ${line.replace('NAME', 'name="%NIC%"')} || set FAILED=1`,
    ),
    `:after${index}`,
  ];
}

function addressScript(configurations: readonly StaticConfiguration[]): string[] {
  return [
    '# Written by Ascend: the static addresses that this machine had, for the cards with the same MAC addresses.',
    '$failed = 0',
    ...configurations.flatMap((configuration) => [
      `$nic = Get-WmiObject Win32_NetworkAdapter -Filter "MACAddress='${configuration.mac.toUpperCase()}'" | Where-Object { $_.NetConnectionID } | Select-Object -First 1`,
      `if ($nic) {`,
      `  $name = 'name="' + $nic.NetConnectionID + '"'`,
      ...netsh(configuration).map(
        (line) => `  & netsh.exe ${line.replace('NAME', '$name')}; if ($LASTEXITCODE -ne 0) { $failed = 1 }`,
      ),
      `} else { Write-Output 'No network card ${configuration.mac}'; $failed = 1 }`,
    ]),
    'exit $failed',
  ];
}

/** Setting is repeatable; adding an address that is there already fails, so the first is set and takes the others away. */
function netsh({ addresses, gateways, dns }: StaticConfiguration): string[] {
  const [gateway, ...otherGateways] = gateways;
  const [server, ...otherServers] = dns;
  return [
    ...addresses.map(({ address, mask }, index) =>
      index === 0
        ? `interface ipv4 set address NAME static ${address} ${mask}${gateway ? ` ${gateway} 1` : ''}`
        : `interface ipv4 add address NAME ${address} ${mask}`,
    ),
    ...otherGateways.map((other) => `interface ipv4 add address NAME gateway=${other} gwmetric=2`),
    ...(server ? [`interface ipv4 set dnsservers NAME static ${server} primary validate=no`] : []),
    ...otherServers.map(
      (other, index) => `interface ipv4 add dnsservers NAME ${other} index=${index + 2} validate=no`,
    ),
  ];
}

/** Get-Disk is there since Windows 8. Before, diskpart: a disk that does not exist, or is online, is an error to it. */
const DISK_STEP = [
  'where.exe powershell.exe >nul 2>&1 || goto diskpart',
  `${POWERSHELL} -Command "if (Get-Command Get-Disk -ErrorAction SilentlyContinue) { Get-Disk | Where-Object { $_.IsOffline } | Set-Disk -IsOffline $false; Get-Disk | Where-Object { $_.IsReadOnly -and -not $_.IsBoot } | Set-Disk -IsReadOnly $false; exit 0 } else { exit 9 }"`,
  'if %errorlevel%==0 exit /b 0',
  ':diskpart',
  'for /l %%D in (1,1,25) do (',
  '  >"%TEMP%\\ascend-disk.txt" (echo select disk %%D& echo online disk noerr& echo attributes disk clear readonly noerr)',
  '  diskpart.exe /s "%TEMP%\\ascend-disk.txt" >nul 2>&1',
  ')',
  'del "%TEMP%\\ascend-disk.txt"',
];

const CRASH_CONTROL = '"HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl"';
const SETTINGS_STEP = [
  `reg.exe query ${CRASH_CONTROL} /v AscendAutoReboot >nul 2>&1 || exit /b 0`,
  `reg.exe add ${CRASH_CONTROL} /v AutoReboot /t REG_DWORD /d 1 /f || exit /b 1`,
  `reg.exe delete ${CRASH_CONTROL} /v AscendAutoReboot /f`,
];
