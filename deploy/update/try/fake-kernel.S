// What U-Boot takes for an arm64 kernel: says which slot it is of on the emulator's serial line, and resets the machine.
// Linux Documentation/arch/arm64/booting.rst gives the header; 0x84000009 is SYSTEM_RESET of PSCI.
        .text
        .globl _start
_start: b       say
        .long   0
        .quad   0                       // where in memory: anywhere
        .quad   0x10000                 // size with what is not in the file
        .quad   0xa                     // little endian, 4 KiB pages, may lie anywhere
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0
say:    adr     x1, words
        mov     x2, #0x09000000
1:      ldrb    w3, [x1], #1
        cbz     w3, 2f
        str     w3, [x2]
        b       1b
2:      movz    w0, #0x8400, lsl #16
        movk    w0, #0x0009
        hvc     #0
3:      b       3b
words:  .asciz  SAYS
        .align  2
