#!/bin/sh
# Usage: fakeroot write-disk.sh ROOT_TAR DISK DISK DATA_DISK
# Turns a root file system into two mirrored MBR disks of 1.25 GiB, /boot and the root each on an array of its own, and
# a third disk with data.
set -eu
. "${0%/*}/identities.env"
tar=$1 first=$2 second=$3 data=$4 root=$1.root
PATH=$PATH:/usr/sbin:/sbin

mkdir "$root"
tar -xf "$tar" -C "$root"
# mmdebstrap empties it, and a server without one runs systemd's first-boot set-up at every test.
echo "$MACHINE_ID" >"$root/etc/machine-id"
tar -C "$root" -cf "$tar.ready" .

for disk in "$first" "$second"; do
  truncate -s 1280M "$disk"
  sfdisk --quiet "$disk" <<TABLE
label: dos
start=1MiB, size=160MiB, type=fd, bootable
size=1080MiB, type=fd
type=82
TABLE
  # GRUB as grub-install lays it, on both: boot code in front of the partition table, the core in the gap behind it. The
  # defaults in both images (core at sector 1, contiguous) are where they lie, so there is no block list to patch.
  dd if="$root/boot/grub/i386-pc/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$root/boot/grub/i386-pc/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
done
rm -rf "$root"
truncate -s 64M "$data"
printf 'label: dos\nstart=1MiB, type=83\n' | sfdisk --quiet "$data"

# mdadm as an administrator calls it: md-create of libguestfs takes no UUID, and mdadm.conf in the root names them. What
# is mirrored is empty on both disks.
create='mdadm --create --run --assume-clean --level=1 --metadata=1.2 --raid-devices=2 --homehost=raid01'
guestfish --format=raw -a "$first" -a "$second" -a "$data" <<ARRAYS
run
debug sh "$create --uuid=$BOOT_ARRAY --name=0 /dev/md0 /dev/sda1 /dev/sdb1"
debug sh "$create --uuid=$ROOT_ARRAY --name=1 /dev/md1 /dev/sda2 /dev/sdb2"
debug sh "mke2fs -q -t ext4 -b 4096 -U $BOOT_UUID -E lazy_itable_init=0 /dev/md0"
debug sh "mkfs.xfs -q -m uuid=$ROOT_UUID /dev/md1"
debug sh "mkswap -U $SWAP_UUID /dev/sda3"
debug sh "mke2fs -q -t ext4 -b 4096 -U $DATA_UUID -E lazy_itable_init=0 /dev/sdc1"
mount /dev/md1 /
mkdir /boot
mount /dev/md0 /boot
mkdir-p /srv/data
mount /dev/sdc1 /srv/data
tar-in $tar.ready /
write /srv/data/ledger.txt "raid01, data\n"
ARRAYS
rm "$tar.ready"
