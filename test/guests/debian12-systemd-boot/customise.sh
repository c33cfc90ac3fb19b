#!/bin/sh
# mmdebstrap's last hook: makes the tree $1 the server that an administrator would leave behind.
set -eu
. "${0%/*}/identities.env"
root=$1
chroot "$root" systemctl enable systemd-networkd.service

# What bootctl install writes to the EFI system partition. It cannot run here: it wants that to be mounted.
esp=$root/boot/efi
mkdir -p "$esp/EFI/systemd" "$esp/EFI/BOOT" "$esp/loader/entries" "$root/etc/kernel"
cp "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi" "$esp/EFI/systemd/systemd-bootx64.efi"
cp "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
echo 'timeout 2' >"$esp/loader/loader.conf"

# The real kernel-install: it copies kernel and initramfs to the EFI system partition and writes the entry.
echo "$MACHINE_ID" >"$root/etc/machine-id"
echo 'root=/dev/sda2 ro quiet' >"$root/etc/kernel/cmdline"
echo 'layout=bls' >"$root/etc/kernel/install.conf"
mkdir "$esp/$MACHINE_ID"
for kernel in "$root"/boot/vmlinuz-*; do
  version=${kernel##*/vmlinuz-}
  chroot "$root" kernel-install add "$version" "/boot/vmlinuz-$version" "/boot/initrd.img-$version"
done
# Paths on that partition: kernel-install takes it for a folder of the root here.
sed -i 's#/boot/efi/#/#' "$esp"/loader/entries/*.conf
grep -q '^options.*root=/dev/sda2 ' "$esp"/loader/entries/*.conf
grep -q "^initrd  */$MACHINE_ID/" "$esp"/loader/entries/*.conf

# Nothing of the machine that built it: its mirrors, its apt settings.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
