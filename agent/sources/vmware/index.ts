/** Source VMware. What it reads, what was proven, and against what: README.md. */
import type { Reading, Recognition, Source } from '../source.ts';
import { readOvf, recogniseOvf } from './ovf/read.ts';
import { machineOf } from './vmx/machine.ts';
import { isVmx } from './vmx/recognise.ts';
import { parseSettings } from './vmx/settings.ts';

export const vmware: Source = {
  kind: 'vmware',
  title: 'VMware',
  recognise(document): Recognition | undefined {
    return isVmx(document) ? { what: 'a VMX file', role: 'machine' } : recogniseOvf(document);
  },
  read({ documents }, choice): Reading {
    const readings = documents.map((document): Reading => {
      if (!isVmx(document)) return readOvf(document, choice);
      const { content, path } = document;
      return { machines: [machineOf(parseSettings(content, path), path)], findings: [] };
    });
    return {
      machines: readings.flatMap(({ machines }) => machines),
      findings: readings.flatMap(({ findings }) => findings),
    };
  },
};
