/** Findings, by their weight. A finding says what, about what, and what a person is to do next. */
import { Severity, type Finding } from './gen/ascend/v1/finding.ts';

type Make = (code: string, subject: string, message: string, remedy: string) => Finding;

const ofSeverity =
  (severity: Severity): Make =>
  (code, subject, message, remedy) => ({ code, severity, subject, message, remedy });

/** Stops a restore before anything is changed. */
export const block = ofSeverity(Severity.BLOCK);
/** To be read before a restore, which goes on. */
export const warn = ofSeverity(Severity.WARN);
export const info = ofSeverity(Severity.INFO);
