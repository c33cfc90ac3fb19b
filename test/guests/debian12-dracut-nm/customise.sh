#!/bin/sh
# mmdebstrap's last hook: makes the tree $1 the server that an administrator would leave behind.
set -eu
. "${0%/*}/identities.env"
root=$1
chmod 600 "$root"/etc/NetworkManager/system-connections/*
echo 'hostonly="yes"' >"$root/etc/dracut.conf.d/server.conf"

# What grub-install writes to /boot/grub. It cannot run here: it looks for the disk under the tree.
mkdir -p "$root/boot/grub/i386-pc"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root"/usr/lib/grub/i386-pc/boot.img \
  "$root/boot/grub/i386-pc/"
chroot "$root" grub-editenv /boot/grub/grubenv create
chroot "$root" grub-mkimage -O i386-pc -p '(,msdos1)/@rootfs/boot/grub' -o /boot/grub/i386-pc/core.img \
  biosdisk part_msdos btrfs

# The real update-grub, with the answers of its two probes given for the disk that is to come.
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe" "$root/$probe.real"; done
cat >"$root/usr/sbin/grub-probe" <<PROBE
#!/bin/sh
case " \$* " in
  *"target=device "*) echo /dev/sda1 ;;
  *"target=fs_uuid "*) echo $FS_UUID ;;
  *"target=partmap "*) echo msdos ;;
  *"target=compatibility_hint "*) echo hd0,msdos1 ;;
  *"target=hints_string "*) echo --hint-bios=hd0,msdos1 --hint-efi=hd0,msdos1 --hint-baremetal=ahci0,msdos1 ;;
  *"target=fs "* | *" -t fs "*) echo btrfs ;;
  *"target=abstraction "* | *" -t abstraction "*) ;;
  *) exit 1 ;;
esac
PROBE
cat >"$root/usr/bin/grub-mkrelpath" <<'RELATIVE'
#!/bin/sh
# A path as GRUB sees it: the root is a subvolume.
for path; do :; done
[ "$path" = / ] && path=
echo "/@rootfs$path"
RELATIVE
chmod 755 "$root/usr/sbin/grub-probe" "$root/usr/bin/grub-mkrelpath"
sed -i 's/^#GRUB_DISABLE_LINUX_UUID=true/GRUB_DISABLE_LINUX_UUID=true/' "$root/etc/default/grub"
chroot "$root" update-grub
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe.real" "$root/$probe"; done
grep -q 'linux.*/@rootfs/boot/vmlinuz.* root=/dev/sda1 .*rootflags=subvol=@rootfs' "$root/boot/grub/grub.cfg"

# Nothing of the machine that built it: its mirrors, its apt settings.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
echo 'nameserver 10.77.0.1' >"$root/etc/resolv.conf"
