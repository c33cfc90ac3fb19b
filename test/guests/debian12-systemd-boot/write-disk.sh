#!/bin/sh
# Usage: fakeroot write-disk.sh ROOT_TAR DISK
# Turns a root file system into a GPT disk of 1.25 GiB, an EFI system partition and the root, without mounting anything.
set -eu
. "${0%/*}/identities.env"
tar=$1 disk=$2 root=$1.root esp=$2.esp
PATH=$PATH:/usr/sbin:/sbin

mkdir "$root"
tar -xf "$tar" -C "$root"
# mmdebstrap empties it, and a server without one runs systemd's first-boot set-up at every test.
echo "$MACHINE_ID" >"$root/etc/machine-id"

truncate -s 1280M "$disk"
sfdisk --quiet "$disk" <<TABLE
label: gpt
start=1MiB, size=96MiB, type=uefi, name=efi
size=1182MiB, type=linux, name=root
TABLE

truncate -s 96M "$esp"
mkfs.vfat -F 32 -s 1 -i 5A1DB0AB "$esp" >/dev/null
mcopy -s -i "$esp" "$root"/boot/efi/* ::
dd if="$esp" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
rm -rf "$esp" "$root"/boot/efi/*

# Inode tables are written now: a server at work has long finished that.
mke2fs -q -t ext4 -b 4096 -U "$ROOT_UUID" -E offset=$((97 * 1048576)),lazy_itable_init=0 -d "$root" "$disk" 1182M
rm -rf "$root"
