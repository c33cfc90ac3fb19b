#!/bin/sh
# Usage: fakeroot write-disk.sh ROOT_TAR DISK
# Turns a root file system into a bootable MBR disk of 1.5 GiB with one btrfs, whose subvolume @rootfs is the root.
set -eu
. "${0%/*}/identities.env"
tar=$1 disk=$2 root=$1.root volume=$2.root
PATH=$PATH:/usr/sbin:/sbin

mkdir "$root"
tar -xf "$tar" -C "$root"
# mmdebstrap empties it, and a server without one runs systemd's first-boot set-up at every test.
echo "$MACHINE_ID" >"$root/etc/machine-id"
# devtmpfs lies over them, and mkfs.btrfs copies files, links and folders only.
rm -rf "$root"/dev/*

truncate -s 1536M "$disk"
printf 'label: dos\nlabel-id: 0x5a1db0a9\nstart=2048, type=83, bootable\n' | sfdisk --quiet "$disk"
truncate -s 1535M "$volume"
mkfs.btrfs -q -m single -U "$FS_UUID" --rootdir "$root" "$volume"
dd if="$volume" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
rm "$volume"

# GRUB as grub-install lays it: boot code in front of the partition table, the core in the gap behind it. The defaults
# in both images (core at sector 1, contiguous) are where they lie, so there is no block list to patch.
dd if="$root/boot/grub/i386-pc/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$root/boot/grub/i386-pc/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
rm -rf "$root"

# A snapshot takes no room, and what is left of the top level goes.
guestfish --format=raw -a "$disk" -m /dev/sda1 <<SUBVOLUME
btrfs-subvolume-snapshot / /@rootfs
glob rm-rf /[!@]*
SUBVOLUME
