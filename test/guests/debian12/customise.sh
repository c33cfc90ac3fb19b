#!/bin/sh
# mmdebstrap's last hook: makes the tree $1 the server that debian-installer would leave behind.
set -eu
root=$1
chroot "$root" systemctl enable www.service

# What grub-install writes to /boot/grub. It cannot run here: it looks for the disk under the tree.
mkdir -p "$root/boot/grub/i386-pc"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root"/usr/lib/grub/i386-pc/boot.img \
  "$root/boot/grub/i386-pc/"
chroot "$root" grub-editenv /boot/grub/grubenv create
chroot "$root" grub-mkimage -O i386-pc -p '(,msdos1)/boot/grub' -o /boot/grub/i386-pc/core.img \
  biosdisk part_msdos ext2

# The real update-grub, with grub-probe's answers given for the disk that is to come.
sed -i 's/^#GRUB_DISABLE_LINUX_UUID=true/GRUB_DISABLE_LINUX_UUID=true/' "$root/etc/default/grub"
mv "$root/usr/sbin/grub-probe" "$root/usr/sbin/grub-probe.real"
cat >"$root/usr/sbin/grub-probe" <<PROBE
#!/bin/sh
case " \$* " in
  *"target=device "*) echo /dev/sda1 ;;
  *"target=fs_uuid "*) echo $FS_UUID ;;
  *"target=partmap "*) echo msdos ;;
  *"target=compatibility_hint "*) echo hd0,msdos1 ;;
  *"target=hints_string "*) echo --hint-bios=hd0,msdos1 --hint-efi=hd0,msdos1 --hint-baremetal=ahci0,msdos1 ;;
  *"target=fs "* | *" -t fs "*) echo ext2 ;;
  *"target=abstraction "* | *" -t abstraction "*) ;;
  *) exit 1 ;;
esac
PROBE
chmod 755 "$root/usr/sbin/grub-probe"
chroot "$root" update-grub
mv "$root/usr/sbin/grub-probe.real" "$root/usr/sbin/grub-probe"
grep -q ' root=/dev/sda1 ' "$root/boot/grub/grub.cfg"

# Nothing of the machine that built it: its mirrors, its apt settings.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
