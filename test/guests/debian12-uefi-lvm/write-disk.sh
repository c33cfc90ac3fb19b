#!/bin/sh
# Usage: fakeroot write-disk.sh ROOT_TAR DISK
# Turns a root file system into a GPT disk of 1.5 GiB: EFI system partition, /boot, and a volume group with the root.
# The file systems are made here, without mounting; only LVM needs the appliance.
set -eu
. "${0%/*}/identities.env"
tar=$1 disk=$2 root=$1.root boot=$1.boot esp=$2.esp volume=$2.root
PATH=$PATH:/usr/sbin:/sbin

mkdir "$root" "$boot"
tar -xf "$tar" -C "$root"
# mmdebstrap empties it, and a server without one runs systemd's first-boot set-up at every test.
echo "$MACHINE_ID" >"$root/etc/machine-id"

truncate -s 1536M "$disk"
sfdisk --quiet "$disk" <<TABLE
label: gpt
start=1MiB, size=48MiB, type=uefi, name=efi
size=160MiB, type=linux, name=boot
type=lvm, name=lvm
TABLE

truncate -s 48M "$esp"
mkfs.vfat -F 32 -s 1 -i 5A1DB0A8 "$esp" >/dev/null
mcopy -s -i "$esp" "$root/boot/efi/EFI" ::
dd if="$esp" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
rm -rf "$esp" "$root/boot/efi/EFI"

# Inode tables are written now: a server at work has long finished that.
mv "$root"/boot/* "$boot/"
mke2fs -q -t ext4 -b 4096 -U "$BOOT_UUID" -E offset=$((49 * 1048576)),lazy_itable_init=0 -d "$boot" "$disk" 160M
truncate -s 1280M "$volume"
mke2fs -q -t ext4 -b 4096 -U "$ROOT_UUID" -E lazy_itable_init=0 -d "$root" "$volume"
rm -rf "$root" "$boot"

guestfish --format=raw -a "$disk" --format=raw -a "$volume" <<LVM
run
pvcreate /dev/sda3
vgcreate vg0 /dev/sda3
lvcreate root vg0 1280
copy-device-to-device /dev/sdb /dev/vg0/root sparse:true
LVM
rm "$volume"
