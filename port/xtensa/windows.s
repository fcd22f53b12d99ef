# Functions that change the stack, with register windows. A function keeps its registers a0 to a3 in the 16
# bytes below the stack pointer of the function that it has called, and a4 to a7 in 32 bytes below the stack
# pointer of its caller.

# Calls as many functions as there are windows, so that the registers of every other function are in memory.
	.section .text.spill_windows,"ax",@progbits
	.global spill_windows
	.p2align 2
spill_windows:
	entry a1, 32
	movi a10, 6
	call8 deeper
	retw
	.p2align 2
deeper:
	entry a1, 32
	beqz a2, .Lend
	addi a10, a2, -1
	call8 deeper
.Lend:
	retw

# Copies both areas of the caller, its return address and stack pointer.
	.section .text.setjmp,"ax",@progbits
	.global setjmp
	.p2align 2
setjmp:
	entry a1, 32
	call8 spill_windows
	s32i a0, a2, 0
	s32i a1, a2, 4
	addi a4, a1, -16
	addi a5, a2, 8
	mov a10, a5
	mov a11, a4
	call8 copy_four
	l32i a4, a2, 12
	addi a4, a4, -12
	l32i a4, a4, 0
	addi a11, a4, -32
	addi a10, a2, 24
	call8 copy_four
	movi a2, 0
	retw

# Writes them back, and returns in the place of setjmp() with no other window in registers.
	.section .text.longjmp,"ax",@progbits
	.global longjmp
	.p2align 2
longjmp:
	entry a1, 32
	call0 keep_this_window
	l32i a0, a2, 0
	l32i a1, a2, 4
	addi a10, a1, -16
	addi a11, a2, 8
	call8 copy_four
	l32i a4, a2, 12
	addi a4, a4, -12
	l32i a4, a4, 0
	addi a10, a4, -32
	addi a11, a2, 24
	call8 copy_four
	addi a2, a3, 0
	retw

	.section .text.copy_four,"ax",@progbits
	.p2align 2
copy_four:
	entry a1, 32
	l32i a4, a3, 0
	l32i a5, a3, 4
	l32i a6, a3, 8
	l32i a7, a3, 12
	s32i a4, a2, 0
	s32i a5, a2, 4
	s32i a6, a2, 8
	s32i a7, a2, 12
	retw

# Takes all windows but the caller's out of registers. The caller loses a0, a4 and a5.
	.section .text.keep_this_window,"ax",@progbits
	.p2align 2
keep_this_window:
	rsr a4, windowbase
	ssl a4
	movi a5, 1
	sll a5, a5
	wsr a5, windowstart
	rsync
	ret

# Calls the function a3 with the stack that ends at a2. It must not return.
	.section .text.begin_on_stack,"ax",@progbits
	.global begin_on_stack
	.p2align 2
begin_on_stack:
	entry a1, 32
	call0 keep_this_window
	addi a1, a2, 0
	movi a0, 0
	callx8 a3
	ill

# One of QEMU's services: LLVM does not know the instruction simcall.
	.section .text.simcall,"ax",@progbits
	.global simcall
	.p2align 2
simcall:
	entry a1, 32
	.byte 0x00, 0x51, 0x00
	retw
