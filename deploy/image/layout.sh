# The disk of every board and role, as sizes and names; read by the scripts of this folder.
# The boot script, /etc/fstab and RAUC name the partitions by this signature, so it must be the same on all cards.
disk_signature=54414c59
boot_label=TALLYSTICK
boot_mebibytes=128
slot_mebibytes=640
# Only what fits on the smallest card; grown to its end at the first start (initrd/init).
data_mebibytes=64
