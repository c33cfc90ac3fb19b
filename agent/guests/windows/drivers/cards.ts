/** Network cards of targets, and what Windows needs for them. */
import type { NetworkCard } from '../../requirements.ts';

export interface Card {
  title: string;
  /** Of its supplied drivers' devices; "" where none is ever supplied. */
  vendor: string;
  /** Devices by which INF files know it, without the vendor. */
  pci: readonly string[];
  /** Of drivers that Windows or an earlier installation may have for it. */
  services: readonly string[];
  /** Where Windows' own list of devices has it (DriverDatabase\\DeviceIds); undefined: Windows brings no driver. */
  inbox: { bus: string; device: string } | undefined;
}

/** Source: the INF files of virtio-win and VMware Tools; AWS EC2 User Guide; Microsoft Learn, "Hyper-V network VSP". */
export const CARDS: Readonly<Record<NetworkCard, Card>> = {
  'virtio-net': {
    title: 'virtio',
    vendor: 'VEN_1AF4',
    pci: ['DEV_1000', 'DEV_1041'],
    services: ['netkvm'],
    inbox: undefined,
  },
  vmxnet3: {
    title: 'VMXNET3',
    vendor: 'VEN_15AD',
    pci: ['DEV_07B0'],
    services: ['vmxnet3ndis6'],
    inbox: undefined,
  },
  ena: {
    title: 'Elastic Network Adapter',
    vendor: 'VEN_1D0F',
    pci: ['DEV_EC20', 'DEV_EC21', 'DEV_0EC2', 'DEV_1EC2'],
    services: ['ena'],
    inbox: undefined,
  },
  'xen-net': {
    title: 'Xen',
    vendor: 'VEN_5853',
    pci: [],
    services: ['xennet', 'xenvif'],
    inbox: undefined,
  },
  e1000e: {
    title: 'Intel 82574L',
    vendor: '',
    pci: [],
    services: ['e1iexpress', 'e1express'],
    inbox: { bus: 'PCI', device: 'VEN_8086&DEV_10D3' },
  },
  netvsc: {
    title: 'Hyper-V',
    vendor: '',
    pci: [],
    services: ['netvsc'],
    inbox: { bus: 'VMBUS', device: '{F8615163-DF3E-46C5-913F-F2D2F965ED0E}' },
  },
};
