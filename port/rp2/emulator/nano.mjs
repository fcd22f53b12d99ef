// An Arduino Nano RP2040 Connect. Standard input and output are its USB serial port:
//
//     node port/rp2/emulator/nano.mjs FIRMWARE.UF2
//
// It ends when standard input ends. Status 3 means that the firmware has stopped at a breakpoint (a fatal
// error), status 4 that it has reset the processor.
import { readFileSync } from 'node:fs';
import { Machine } from './machine.mjs';
import { Nina } from './nina.mjs';
import { Serial } from './serial.mjs';

const BREAKPOINT = 3;
const RESET = 4;

const WATCHDOG = 0x40058;

const bootRom = readFileSync(new URL('../../../build/emulator/bootrom.bin', import.meta.url));
const machine = new Machine(bootRom, readFileSync(process.argv[2]));

function end(status, why) {
  process.stderr.write(`emulator: ${why}\n`);
  process.exit(status);
}
machine.chip.onBreak = () => end(BREAKPOINT, `breakpoint at ${machine.chip.core.PC.toString(16)}`);
machine.chip.peripherals[WATCHDOG].onWatchdogTrigger = () => end(RESET, 'reset');

new Nina(machine);
const serial = new Serial(machine.chip, (data) => process.stdout.write(data));
process.stdin.on('data', (data) => serial.write(data));
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
machine.start();
