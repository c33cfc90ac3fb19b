/** Source Hyper-V: configurations (XML, VMCX), PowerShell and SCVMM JSON. What was proven, and against what: README.md. */
import type { Source } from '../source.ts';
import { recognise } from './documents.ts';
import { read } from './read.ts';

export const hyperv: Source = {
  kind: 'hyperv',
  title: 'Microsoft Hyper-V',
  recognise,
  read,
};
