/** Source VMware. What it reads, what was proven, and against what: README.md. */
import type { Document } from '../../documents/document.ts';
import type { Reading, Recognition, Source } from '../source.ts';
import { machineOf } from './vmx/machine.ts';
import { isVmx } from './vmx/recognise.ts';
import { parseSettings } from './vmx/settings.ts';

export const vmware: Source = {
  kind: 'vmware',
  title: 'VMware',
  recognise(document): Recognition | undefined {
    return isVmx(document) ? { what: 'a VMX file', role: 'machine' } : undefined;
  },
  read({ documents }): Reading {
    return { machines: documents.filter(isVmx).map(read), findings: [] };
  },
};

function read({ content, path }: Document) {
  return machineOf(parseSettings(content, path), path);
}
