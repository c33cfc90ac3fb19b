/** Lines of batch and PowerShell files, which end as Windows wants them. */
export const dos = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

/** A step: what it says of itself is its exit code. */
export const batch = (lines: readonly string[]): string => dos(['@echo off', ...lines, 'exit /b 0']);

export const POWERSHELL = 'powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass';
