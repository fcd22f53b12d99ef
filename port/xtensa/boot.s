# The beginning, and the exceptions of register windows (Xtensa ISA Reference Manual, 4.7.1.4).
# LLVM does not know the instruction simcall: its bytes are 00 51 00.

	.section .vectors,"ax",@progbits
	.p2align 10
vectors:
# _WindowOverflow4, _WindowUnderflow4
	s32e a0, a5, -16
	s32e a1, a5, -12
	s32e a2, a5, -8
	s32e a3, a5, -4
	rfwo
	.org 0x40
	l32e a0, a5, -16
	l32e a1, a5, -12
	l32e a2, a5, -8
	l32e a3, a5, -4
	rfwu
# _WindowOverflow8, _WindowUnderflow8
	.org 0x80
	s32e a0, a9, -16
	l32e a0, a1, -12
	s32e a1, a9, -12
	s32e a2, a9, -8
	s32e a3, a9, -4
	s32e a4, a0, -32
	s32e a5, a0, -28
	s32e a6, a0, -24
	s32e a7, a0, -20
	rfwo
	.org 0xc0
	l32e a0, a9, -16
	l32e a1, a9, -12
	l32e a2, a9, -8
	l32e a7, a1, -12
	l32e a3, a9, -4
	l32e a4, a7, -32
	l32e a5, a7, -28
	l32e a6, a7, -24
	l32e a7, a7, -20
	rfwu
# Nothing here calls with windows of twelve registers.
	.org 0x100
	j fault
	.org 0x140
	j fault
# Every other exception ends the run: the debug, kernel, user and double exception vectors.
	.org 0x180
	j fault
	.org 0x300
	j fault
	.org 0x340
	j fault
	.org 0x3c0
	j fault
fault:
	movi a2, 1
	movi a3, 77
	.byte 0x00, 0x51, 0x00
	j fault

	.section .reset,"ax",@progbits
reset:
	j 1f
	.p2align 2
start_address:
	.long _start
1:
	l32r a0, start_address
	jx a0

	.section .text,"ax",@progbits
	.p2align 2
vectors_address:
	.long vectors
main_address:
	.long main
stack_address:
	.long _stack_top
# Register windows on, calls by call4.
status:
	.long 0x40020
	.global _start
_start:
	movi a0, 0
	movi a2, 0
	wsr a2, windowbase
	rsync
	movi a2, 1
	wsr a2, windowstart
	rsync
	l32r a2, vectors_address
	wsr a2, vecbase
	l32r a1, stack_address
	l32r a2, status
	wsr a2, ps
	rsync
	l32r a8, main_address
	callx8 a8
	j fault_again
fault_again:
	j fault_again
