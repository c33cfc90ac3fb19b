/** The libvirt domain of a machine. Source: libvirt.org/formatdomain.html. */
import XMLBuilder from 'fast-xml-builder';
import { AscendError } from '../../../proto/errors.ts';
import { Firmware, type Machine } from '../../../proto/gen/ascend/v1/machine.ts';

export interface DomainSpec {
  uuid: string;
  name: string;
  machine: Machine;
  /** Boot disk first. */
  disks: readonly { path: string; format: 'qcow2' | 'raw' }[];
  /** By the machine's NIC order: a libvirt network each. */
  networks: readonly string[];
  hardwareAcceleration: boolean;
  /** Where libvirt writes what the serial console prints. */
  consoleLog: string;
}

const xml = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
});

/** @throws run.blocked where the memory is not known: libvirt has no default for it. */
export function domainXml(spec: DomainSpec): string {
  const { machine } = spec;
  if (machine.memoryBytes === undefined) {
    throw new AscendError('run.blocked', `The backup does not say how much memory ${spec.name} has.`, {
      hint: 'Add the missing setting to the metadata of the backup.',
    });
  }
  const memory = { '@unit': 'bytes', '#text': String(machine.memoryBytes) };
  return xml.build({
    domain: {
      '@type': spec.hardwareAcceleration ? 'kvm' : 'qemu',
      name: spec.name,
      uuid: spec.uuid,
      ...(machine.notes && { description: printable(machine.notes) }),
      memory,
      currentMemory: memory,
      vcpu: machine.cpu?.count,
      os: operatingSystem(machine),
      features: { acpi: '', apic: '', ...(machine.secureBoot && { smm: { '@state': 'on' } }) },
      cpu: processor(spec),
      clock: {
        '@offset': 'utc',
        timer: [
          { '@name': 'rtc', '@tickpolicy': 'catchup' },
          { '@name': 'hpet', '@present': 'no' },
        ],
      },
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: devices(spec),
    },
  });
}

/** XML 1.0 has no way to write most control characters, not even escaped (section 2.2). */
function printable(text: string): string {
  return text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}

function operatingSystem(machine: Machine): object {
  const type = { '@arch': 'x86_64', '@machine': 'q35', '#text': 'hvm' };
  if (machine.firmware !== Firmware.UEFI) return { type };
  const secureBoot = machine.secureBoot ?? false;
  const feature = [
    { '@enabled': secureBoot ? 'yes' : 'no', '@name': 'secure-boot' },
    // Without keys there is nothing to verify a boot loader against.
    { '@enabled': secureBoot ? 'yes' : 'no', '@name': 'enrolled-keys' },
  ];
  return { '@firmware': 'efi', type, firmware: { feature } };
}

function processor({ machine, hardwareAcceleration }: DomainSpec): object {
  const { sockets, coresPerSocket, count } = machine.cpu ?? {};
  const whole = sockets !== undefined && coresPerSocket !== undefined && sockets * coresPerSocket === count;
  return {
    // host-model survives a migration to a like host; under emulation "maximum" has x86-64-v2, which EL9 demands.
    '@mode': hardwareAcceleration ? 'host-model' : 'maximum',
    ...(whole && { topology: { '@sockets': sockets, '@cores': coresPerSocket, '@threads': 1 } }),
  };
}

function devices(spec: DomainSpec): object {
  return {
    disk: spec.disks.map(({ path, format }, index) => ({
      '@type': 'file',
      '@device': 'disk',
      driver: { '@name': 'qemu', '@type': format, '@discard': 'unmap' },
      source: { '@file': path },
      target: { '@dev': `vd${letters(index)}`, '@bus': 'virtio' },
      ...(index === 0 && { boot: { '@order': 1 } }),
    })),
    interface: spec.machine.nics.map((nic, index) => ({
      '@type': 'network',
      ...(nic.mac && { mac: { '@address': nic.mac } }),
      source: { '@network': spec.networks[index] },
      model: { '@type': 'virtio' },
      ...(nic.connected === false && { link: { '@state': 'down' } }),
    })),
    serial: { '@type': 'pty', log: { '@file': spec.consoleLog, '@append': 'off' }, target: { '@port': 0 } },
    console: { '@type': 'pty', target: { '@type': 'serial', '@port': 0 } },
    channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    input: { '@type': 'tablet', '@bus': 'usb' },
    graphics: { '@type': 'vnc', '@autoport': 'yes', '@listen': '127.0.0.1' },
    video: { model: { '@type': 'vga' } },
    memballoon: { '@model': 'virtio' },
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
    ...(spec.machine.tpm && {
      tpm: { '@model': 'tpm-crb', backend: { '@type': 'emulator', '@version': '2.0' } },
    }),
  };
}

/** 0 -> a, 25 -> z, 26 -> aa: as the kernel names disks. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
