/** What Windows does once, at its first start on the target, as numbered steps in batch and PowerShell. */
import type { StaticConfiguration } from '../static-addresses.ts';
import { addressFiles } from './addresses.ts';
import { batch, POWERSHELL } from './batch.ts';
import { runnerFiles, type Step } from './runner.ts';

export interface FirstBoot {
  /** INF files in the staging folder, of which the target's disk or network needs the first. */
  required: readonly string[];
  optional: readonly string[];
  addresses: readonly StaticConfiguration[];
  /** Installers of the target's tools, in the folder of the first start. */
  installers: readonly { name: string; command: string }[];
}

const MINUTE = 60;

/** File name in the folder -> text. */
export function firstBootFiles(wants: FirstBoot): Map<string, string> {
  const steps: Step[] = [];
  const files = new Map<string, string>();
  const step = (name: string, limitSeconds: number, lines: readonly string[]) => {
    steps.push({ name, required: name.includes('-required-'), limitSeconds });
    files.set(`steps\\${name}.cmd`, batch(lines));
  };
  if (wants.required.length > 0)
    step('10-required-drivers', 10 * MINUTE, [NONE_FAILED, ...wants.required.map(installDriver), ANY_FAILED]);
  if (wants.addresses.length > 0) {
    const { lines, script } = addressFiles(wants.addresses);
    step('20-required-addresses', 5 * MINUTE, lines);
    files.set('addresses.ps1', script);
  }
  step('30-required-disks', 5 * MINUTE, DISK_STEP);
  if (wants.optional.length > 0)
    step('40-optional-drivers', 10 * MINUTE, [NONE_FAILED, ...wants.optional.map(installDriver), ANY_FAILED]);
  if (wants.installers.length > 0)
    step('50-optional-tools', 20 * MINUTE, [NONE_FAILED, ...wants.installers.map(installTool), ANY_FAILED]);
  step('90-required-settings', MINUTE, SETTINGS_STEP);
  return new Map([...runnerFiles(steps), ...files]);
}

// One that fails keeps none behind it from being installed.
const NONE_FAILED = 'set FAILED=0';
const ANY_FAILED = 'if not %FAILED%==0 exit /b 1';

/** The old form of its options is understood by every release. 259: nothing newer to install; 3010: after a restart. */
function installDriver(inf: string): string {
  return [
    `echo ${inf}`,
    `pnputil.exe -i -a "%SystemRoot%\\Drivers\\Ascend\\${inf}"`,
    'if not %errorlevel%==0 if not %errorlevel%==259 if not %errorlevel%==3010 set FAILED=1',
  ].join('\r\n');
}

/** 3010 and 1641: after a restart; 1638: another version is there. */
function installTool({ name, command }: { name: string; command: string }): string {
  return [
    `echo ${name}`,
    command.replace('FILE', `"%~dp0..\\${name}"`),
    'if not %errorlevel%==0 if not %errorlevel%==3010 if not %errorlevel%==1641 if not %errorlevel%==1638 set FAILED=1',
  ].join('\r\n');
}

/** Get-Disk is there since Windows 8. Before, diskpart: a disk that does not exist, or is online, is an error to it. */
const DISK_STEP = [
  'where.exe powershell.exe >nul 2>&1 || goto diskpart',
  `${POWERSHELL} -Command "if (Get-Command Get-Disk -ErrorAction SilentlyContinue) { Get-Disk | Where-Object { $_.IsOffline } | Set-Disk -IsOffline $false; Get-Disk | Where-Object { $_.IsReadOnly -and -not $_.IsBoot } | Set-Disk -IsReadOnly $false; exit 0 } else { exit 9 }"`,
  'if %errorlevel%==0 exit /b 0',
  ':diskpart',
  'for /l %%D in (1,1,25) do (',
  '  (echo select disk %%D& echo online disk noerr& echo attributes disk clear readonly noerr)>"%TEMP%\\ascend-disk.txt"',
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
