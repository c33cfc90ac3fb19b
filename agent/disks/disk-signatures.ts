/** What a raw disk shows of itself: partition tables and file systems by their signatures. */
import type { DiskFile } from './disk-file.ts';

/** Enough for the signature of Btrfs, which lies at 64 KiB. */
const LOOK_BYTES = 68 * 1024;

const SIGNATURES: readonly [name: string, offset: number, bytes: string][] = [
  ['a GPT partition table', 512, 'EFI PART'],
  ['a GPT partition table (sectors of 4096 bytes)', 4096, 'EFI PART'],
  ['an NTFS file system', 3, 'NTFS    '],
  ['an exFAT file system', 3, 'EXFAT   '],
  ['a FAT file system', 54, 'FAT1'],
  ['a FAT file system', 82, 'FAT32'],
  ['an XFS file system', 0, 'XFSB'],
  ['an ext file system', 1080, '\x53\xef'],
  ['a Btrfs file system', 65_600, '_BHRfS_M'],
  ['an LVM physical volume', 512, 'LABELONE'],
  ['a LUKS volume', 0, 'LUKS\xba\xbe'],
  ['swap space', 4086, 'SWAPSPACE2'],
  ['an ISO 9660 image', 32_769, 'CD001'],
];

/** For people; undefined where nothing is recognised. */
export async function recogniseContent(file: DiskFile): Promise<string | undefined> {
  const head = (await file.head(LOOK_BYTES)).toString('latin1');
  const found = SIGNATURES.find(([, offset, bytes]) => head.startsWith(bytes, offset));
  if (found) return found[0];
  // Last: boot sectors of file systems end in the same two bytes.
  return head.startsWith('\x55\xaa', 510) ? 'an MBR partition table' : undefined;
}
