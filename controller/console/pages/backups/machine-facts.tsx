import type { Machine } from '../../data/use-backups.ts';
import { bytesOrUnknown } from '../../format/bytes.ts';
import { FactList } from '../../parts/facts.tsx';

/** What the backup says of its machine; an unknown fact is said to be unknown, never guessed. */
export function MachineFacts({ machine }: { readonly machine: Machine }) {
  const { guest, cpu } = machine;
  return (
    <FactList
      facts={[
        ['Name', machine.name],
        ['Guest', [guest.name ?? guest.id ?? 'unknown', guest.arch].filter(Boolean).join(', ')],
        ['CPUs', cpuText(cpu)],
        ['Memory', bytesOrUnknown(machine.memoryBytes)],
        ['Firmware', machine.firmware === null ? 'unknown' : machine.firmware.toUpperCase()],
        ['Secure boot', yesNo(machine.secureBoot)],
        ['TPM', yesNo(machine.tpm)],
        ...(machine.notes === null ? [] : [['Notes', machine.notes] as const]),
      ]}
    />
  );
}

function cpuText({ count, sockets, coresPerSocket }: Machine['cpu']): string {
  if (count === null) return 'unknown';
  return sockets === null || coresPerSocket === null
    ? String(count)
    : `${count} (${sockets} x ${coresPerSocket} cores)`;
}

function yesNo(fact: boolean | null): string {
  if (fact === null) return 'unknown';
  return fact ? 'yes' : 'no';
}
