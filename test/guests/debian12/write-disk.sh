#!/bin/sh
# Usage: fakeroot write-disk.sh ROOT_TAR DISK      (environment: FS_UUID, MACHINE_ID)
# Turns a root file system into a bootable MBR disk of 4 GiB without mounting anything. fakeroot remembers the owners
# and device nodes of the tree for mke2fs, so that neither root nor an appliance is needed.
set -eu
tar=$1 disk=$2 root=$2.root
PATH=$PATH:/usr/sbin:/sbin

mkdir "$root"
tar -xf "$tar" -C "$root"
# mmdebstrap empties it, and a server without one runs systemd's first-boot set-up at every test.
echo "$MACHINE_ID" >"$root/etc/machine-id"

truncate -s 4G "$disk"
# 40 MiB stay free at its end: where the machine is to start by UEFI, the EFI system partition goes there.
printf 'label: dos\nlabel-id: 0x5a1db0a7\nstart=2048, size=4055MiB, type=83, bootable\n' | sfdisk --quiet "$disk"
# 4055 MiB in blocks of 4 KiB. Inode tables are written now: a server at work has long finished that.
mke2fs -q -t ext4 -b 4096 -U "$FS_UUID" -E offset=1048576,lazy_itable_init=0 -d "$root" "$disk" 1038080

# GRUB as grub-install lays it: boot code in front of the partition table, the core in the gap behind it. The defaults
# in both images (core at sector 1, contiguous) are where they lie, so there is no block list to patch.
dd if="$root/boot/grub/i386-pc/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$root/boot/grub/i386-pc/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
rm -rf "$root"
