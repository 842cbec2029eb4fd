# Which slot is started: U-Boot's part of an update. Compiled to boot.scr on the boot partition.
#
# The state of the slots is one sector, kept twice, in the gap before the first partition: at 1 MiB and at 3 MiB of the
# disk. A copy is an environment of U-Boot with its CRC-32: BOOT_SEQ (hexadecimal, the higher one is the newer copy),
# BOOT_ORDER, BOOT_A_LEFT, BOOT_B_LEFT and BOOT_TRIAL (the slot that has yet to prove itself; Linux's business). A write always goes to the older copy, or to the one that is damaged: a power
# cut in it leaves the other. /usr/lib/tallystick-update/slot-state keeps to the same rules when Linux runs. The
# file systems are only read here, because a torn write to FAT can cost more than one file.
#
# A slot has three tries. Each start takes one; `slot-state` gives them back when the slot has proven itself. A slot
# whose kernel cannot be loaded is passed over at once. When no slot has tries left, all get three again: a machine that
# is tried for ever can be repaired from afar or by a warm room, one that stops cannot.

test -n "${devtype}" || setenv devtype mmc
test -n "${devnum}" || setenv devnum 0

# Addresses at which kernel, initrd and this sector do not meet; boards have them, but a Pi's are too near each other for
# a kernel that is unpacked.
setenv ts_at ${scriptaddr}
setexpr ts_at ${ts_at} + 0x100000
if test "${board}" = "rpi"; then
  setenv kernel_addr_r 0x0a000000
  setenv ramdisk_addr_r 0x0d000000
  setenv kernel_comp_addr_r 0x10000000
fi
test -n "${kernel_comp_addr_r}" || setenv kernel_comp_addr_r 0x58000000
setenv kernel_comp_size 0x04000000

setenv ts_first 0x800
setenv ts_second 0x1800
setenv ts_words 'BOOT_SEQ BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT BOOT_TRIAL'
${devtype} dev ${devnum}

# The number of each copy; 0 when it is damaged or was never written.
setenv ts_seq_first 0
setenv ts_seq_second 0
setenv BOOT_SEQ
if ${devtype} read ${ts_at} ${ts_first} 1; then
  if env import -c ${ts_at} 0x200 BOOT_SEQ; then setenv ts_seq_first 0${BOOT_SEQ}; fi
fi
setenv BOOT_SEQ
if ${devtype} read ${ts_at} ${ts_second} 1; then
  if env import -c ${ts_at} 0x200 BOOT_SEQ; then setenv ts_seq_second 0${BOOT_SEQ}; fi
fi

setenv BOOT_SEQ 0
setenv BOOT_ORDER
setenv BOOT_A_LEFT
setenv BOOT_B_LEFT
setenv BOOT_TRIAL
setenv ts_older ${ts_first}
if test 0x${ts_seq_first} -gt 0x${ts_seq_second}; then
  setenv ts_older ${ts_second}
  if ${devtype} read ${ts_at} ${ts_first} 1; then env import -c ${ts_at} 0x200 ${ts_words}; fi
elif test 0x${ts_seq_second} -gt 0; then
  if ${devtype} read ${ts_at} ${ts_second} 1; then env import -c ${ts_at} 0x200 ${ts_words}; fi
fi
test -n "${BOOT_SEQ}" || setenv BOOT_SEQ 0
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3
echo "tallystick: copies ${ts_seq_first} ${ts_seq_second}, order ${BOOT_ORDER}, left A ${BOOT_A_LEFT} B ${BOOT_B_LEFT}"

# The next write goes to the copy that is older now.
setenv ts_save 'setexpr BOOT_SEQ ${BOOT_SEQ} + 1; env export -c -s 0x200 ${ts_at} ${ts_words}; if ${devtype} write ${ts_at} ${ts_older} 1; then if test ${ts_older} = ${ts_first}; then setenv ts_older ${ts_second}; else setenv ts_older ${ts_first}; fi; else echo "tallystick: the state of the slots cannot be written"; fi'

# With ts_slot and ts_part set: comes back only when the slot cannot be started.
setenv ts_start 'echo "tallystick: slot ${ts_slot}"; part uuid ${devtype} ${devnum}:${ts_part} ts_uuid; setenv bootargs "root=PARTUUID=${ts_uuid} rauc.slot=${ts_slot} ro rootwait"; if load ${devtype} ${devnum}:${ts_part} ${ts_at} /boot/words.env; then setenv bootwords; env import -t ${ts_at} ${filesize} bootwords; setenv bootargs "${bootargs} ${bootwords}"; fi; if load ${devtype} ${devnum}:${ts_part} ${kernel_addr_r} /boot/vmlinuz.gz; then if load ${devtype} ${devnum}:${ts_part} ${ramdisk_addr_r} /boot/initrd.img; then setenv ts_initrd ${ramdisk_addr_r}:${filesize}; if test -n "${fdt_addr}"; then booti ${kernel_addr_r} ${ts_initrd} ${fdt_addr}; else booti ${kernel_addr_r} ${ts_initrd} ${fdtcontroladdr}; fi; fi; fi; echo "tallystick: slot ${ts_slot} cannot be started"'

for ts_next in ${BOOT_ORDER}; do
  if test "${ts_next}" = "A"; then
    if test ${BOOT_A_LEFT} -gt 0; then
      setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
      setenv ts_part 2
      setenv ts_slot A
      run ts_save
      run ts_start
    fi
  elif test "${ts_next}" = "B"; then
    if test ${BOOT_B_LEFT} -gt 0; then
      setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
      setenv ts_part 3
      setenv ts_slot B
      run ts_save
      run ts_start
    fi
  fi
done

# A slot that was left out of the order (an installation that was cut short) stands last, and may be all that there is.
echo "tallystick: no slot has tries left; all get them anew"
if test "${BOOT_ORDER}" = "B" -o "${BOOT_ORDER}" = "B A"; then setenv BOOT_ORDER "B A"; else setenv BOOT_ORDER "A B"; fi
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 3
run ts_save
sleep 5
reset
