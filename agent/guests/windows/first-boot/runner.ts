/**
 * The program of the first start: runs its steps in their order, each within a time and some tries, and removes itself.
 * cmd.exe alone is in every Windows: Server Core of 2008 R2 has no PowerShell, Windows 11 no wmic.
 */
import { dos } from './batch.ts';

/** In the guest's Windows folder. */
export const FIRST_BOOT_FOLDER = 'Ascend';
export const SERVICE_NAME = 'AscendFirstBoot';

export interface Step {
  /** e.g. "10-required-drivers"; also the name of its file in the folder of steps. */
  name: string;
  /** What a required step has not done is tried again at the next start. */
  required: boolean;
  /** After that, a try is ended, with everything that it has started. */
  limitSeconds: number;
}

/** Times that Windows starts before a required step is given up. */
const STARTS = 3;
// A network card is a new device, whose driver Windows installs while the steps run: 15, 30 and 45 s from now.
const TRIES = { required: 4, optional: 2 };
const PAUSE_SECONDS = 15;

/** File name in the folder -> text. */
export function runnerFiles(steps: readonly Step[]): Map<string, string> {
  return new Map([
    ['first-boot.cmd', dos([...head(steps), ...TAIL])],
    ['run-step.cmd', RUN_STEP],
  ]);
}

/** Words of a batch file: "%~dp0" is its folder with "\" at the end, "%%" is one "%". */
function head(steps: readonly Step[]): string[] {
  return [
    '@echo off',
    'rem Written by Ascend when it restored this machine. It removes itself.',
    'setlocal EnableExtensions EnableDelayedExpansion',
    'set "HERE=%~dp0"',
    'set "LOG=%SystemRoot%\\Temp\\ascend-first-boot.log"',
    'set STARTS=0',
    'if exist "%HERE%starts.txt" set /p STARTS=<"%HERE%starts.txt"',
    'set /a STARTS+=1',
    '>"%HERE%starts.txt" echo !STARTS!',
    `call :log start !STARTS! of ${STARTS}`,
    'set LEFT=0',
    ...steps.map(
      ({ name, required, limitSeconds }) =>
        `call :step ${name} ${limitSeconds} ${required ? TRIES.required : TRIES.optional} ${required ? 1 : 0}`,
    ),
  ];
}

// The try that hangs is found by its command line. Without PowerShell it is left alone, and no longer waited for.
const END_TRY =
  'start "" /b powershell.exe -NoLogo -NoProfile -NonInteractive -Command ' +
  `"Get-WmiObject Win32_Process | Where-Object { $_.Name -eq 'cmd.exe' -and $_.CommandLine -like '*run-step.cmd* %1*' } ` +
  '| ForEach-Object { taskkill.exe /f /t /pid $_.ProcessId }"';

const TAIL = [
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
  'rem step NAME SECONDS TRIES REQUIRED',
  ':step',
  'set "STEP=%HERE%steps\\%1"',
  'for /l %%T in (1,1,%3) do if not exist "%STEP%.done" call :try %1 %2 %3 %%T',
  'if exist "%STEP%.done" exit /b 0',
  'call :log %1 failed',
  'set /a LEFT+=%4',
  'exit /b 0',
  '',
  'rem try NAME SECONDS TRIES NUMBER',
  ':try',
  'call :log %1, try %4 of %3',
  'del /q "%STEP%.failed" "%STEP%.out" 2>nul',
  'start "" /b cmd.exe /c ""%HERE%run-step.cmd" %1"',
  // ping waits a second, in a service too: timeout.exe refuses to without a keyboard.
  'for /l %%W in (1,1,%2) do if not exist "%STEP%.done" if not exist "%STEP%.failed" ping.exe -n 2 127.0.0.1 >nul',
  'if not exist "%STEP%.done" if not exist "%STEP%.failed" call :end %1 %2',
  // What the step says goes through a file of its own: cmd.exe lets no two programs write into one.
  'type "%STEP%.out" >>"%LOG%" 2>nul',
  `set /a PAUSE=%4*${PAUSE_SECONDS}+1`,
  'if not exist "%STEP%.done" if %4 lss %3 ping.exe -n !PAUSE! 127.0.0.1 >nul',
  'exit /b 0',
  '',
  'rem end NAME SECONDS',
  ':end',
  'call :log %1 took longer than %2 s and is ended',
  END_TRY,
  'ping.exe -n 11 127.0.0.1 >nul',
  'exit /b 0',
  '',
  ':log',
  '>>"%LOG%" echo %date% %time% %*',
  'exit /b 0',
];

/** One try; how it ended is the name of a file, which cannot be seen half-written. */
const RUN_STEP = dos([
  '@echo off',
  'call "%~dp0steps\\%1.cmd" >"%~dp0steps\\%1.out" 2>&1',
  'if %errorlevel%==0 (>"%~dp0steps\\%1.done" echo done) else (>"%~dp0steps\\%1.failed" echo failed)',
]);
