#!/bin/sh
# mmdebstrap's last hook: makes the tree $1 the server that debian-installer would leave behind.
set -eu
. "${0%/*}/identities.env"
root=$1
chroot "$root" systemctl enable systemd-networkd.service
chmod 600 "$root"/etc/netplan/*.yaml

# What grub-install writes to /boot/grub and to the EFI system partition. It cannot run here: it looks for the disk
# under the tree. The fallback path \EFI\BOOT stays empty, as debian-installer leaves it.
mkdir -p "$root/boot/grub/x86_64-efi" "$root/boot/efi/EFI/debian"
cp "$root"/usr/lib/grub/x86_64-efi/*.mod "$root"/usr/lib/grub/x86_64-efi/*.lst "$root/boot/grub/x86_64-efi/"
chroot "$root" grub-editenv /boot/grub/grubenv create
esp=$root/boot/efi/EFI/debian
cp "$root/usr/lib/shim/shimx64.efi.signed" "$esp/shimx64.efi"
cp "$root/usr/lib/shim/mmx64.efi.signed" "$esp/mmx64.efi"
cp "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$esp/grubx64.efi"
cat >"$esp/grub.cfg" <<LOAD
search.fs_uuid $BOOT_UUID root hd0,gpt2
set prefix=(\$root)'/grub'
configfile \$prefix/grub.cfg
LOAD

# The real update-grub, with the answers of its two probes given for the disk that is to come.
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe" "$root/$probe.real"; done
cat >"$root/usr/sbin/grub-probe" <<PROBE
#!/bin/sh
case " \$* " in
  *"target=device /boot"*) echo /dev/sda2 ;;
  *"target=device "*) echo /dev/mapper/vg0-root ;;
  *vg0-root*"target=fs_uuid "* | *"target=fs_uuid "*vg0-root*) echo $ROOT_UUID ;;
  *"target=fs_uuid "*) echo $BOOT_UUID ;;
  *vg0-root*"target=abstraction "* | *"target=abstraction "*vg0-root*) echo lvm ;;
  *"target=abstraction "* | *" -t abstraction "*) ;;
  *"target=partmap "*) echo gpt ;;
  *"target=compatibility_hint "*) echo hd0,gpt2 ;;
  *"target=hints_string "*) echo --hint-bios=hd0,gpt2 --hint-efi=hd0,gpt2 --hint-baremetal=ahci0,gpt2 ;;
  *"target=fs "* | *" -t fs "*) echo ext2 ;;
  *) exit 1 ;;
esac
PROBE
cat >"$root/usr/bin/grub-mkrelpath" <<'RELATIVE'
#!/bin/sh
# A path as GRUB sees it: /boot is a file system of its own.
for path; do :; done
path=${path#/boot}
echo "${path:-/}"
RELATIVE
chmod 755 "$root/usr/sbin/grub-probe" "$root/usr/bin/grub-mkrelpath"
chroot "$root" update-grub
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe.real" "$root/$probe"; done
grep -q 'linux.*/vmlinuz.* root=/dev/mapper/vg0-root ' "$root/boot/grub/grub.cfg"

# Nothing of the machine that built it: its mirrors, its apt settings.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
