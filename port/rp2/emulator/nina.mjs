// The board's WiFi module, a u-blox NINA-W10 with Arduino's firmware, modelled after MicroPython's driver
// (drivers/ninaw10): commands and replies over SPI, and a line that signals that the module is ready.
import { GPIOPinState } from './rp2040js.mjs';
import { Wifi } from './wifi.mjs';

// The pins between the module and the processor.
const SPI = 1;
const CHIP_SELECT = 9;
const BUSY = 10;
const RESET = 3;

const START = 0xe0;
const END = 0xee;
const ERROR = 0xef;
const REPLY = 0x80;

// The size of the firmware's buffer for a command. Bytes beyond it are lost.
const COMMAND_BUFFER = 4092;
// The times for a byte at 8 MHz, for the firmware to notice a transfer, and to execute a command, in ns.
const BYTE_TIME = 1000;
const NOTICE_TIME = 20_000;
const COMMAND_TIME = 250_000;

// Commands whose arguments have two-byte lengths, and commands whose results have.
const LONG_ARGUMENTS = new Set([0x77, 0x79]);
const LONG_RESULTS = new Set([0x78, 0x7a]);

export class Nina {
  #machine;
  #busy;
  #wifi = new Wifi();
  #selected = false;
  // The bytes of the incoming command.
  #command = [];
  // The waiting reply, and the number of its bytes that the processor has read.
  #reply = null;
  #position = 0;

  constructor(machine) {
    this.#machine = machine;
    const { chip } = machine;
    this.#busy = chip.gpio[BUSY];
    this.#busy.setInputValue(false);
    chip.gpio[CHIP_SELECT].addListener((state) => {
      if (state === GPIOPinState.Low) {
        this.#select();
      } else if (state === GPIOPinState.High) {
        this.#deselect();
      }
    });
    chip.gpio[RESET].addListener((state) => {
      if (state === GPIOPinState.Low) {
        this.#reset();
      }
    });
    // Delayed: rp2040js's DMA does not see the end of a transfer that takes no time.
    chip.spi[SPI].onTransmit = (byte) => {
      const answer = this.#selected ? this.#transfer(byte) : 0xff;
      machine.after(BYTE_TIME, () => chip.spi[SPI].completeTransmit(answer));
    };
  }

  #reset() {
    this.#wifi.reset();
    this.#wifi = new Wifi();
    this.#selected = false;
    this.#reply = null;
    this.#busy.setInputValue(false);
  }

  #select() {
    if (!this.#selected) {
      this.#selected = true;
      this.#command = [];
      this.#position = 0;
      this.#machine.after(NOTICE_TIME, () => this.#busy.setInputValue(true));
    }
  }

  #transfer(byte) {
    if (this.#reply) {
      return this.#reply[this.#position++] ?? 0xff;
    }
    if (this.#command.length < COMMAND_BUFFER) {
      this.#command.push(byte);
    }
    return 0xff;
  }

  #deselect() {
    if (!this.#selected) {
      return;
    }
    this.#selected = false;
    if (this.#reply) {
      this.#reply = null;
      this.#machine.after(NOTICE_TIME, () => this.#busy.setInputValue(false));
    } else if (this.#command.length > 0) {
      const command = Buffer.from(this.#command);
      this.#machine.after(COMMAND_TIME, () => this.#carryOut(command));
    } else {
      this.#machine.after(NOTICE_TIME, () => this.#busy.setInputValue(false));
    }
  }

  #carryOut(frame) {
    const [start, command, count] = frame;
    const method = start === START ? this.#wifi.commands[command] : undefined;
    if (!method) {
      process.stderr.write(`emulator: the WiFi module knows no command 0x${command?.toString(16)}\n`);
      this.#answer(Buffer.from([ERROR, 0, END]));
      return;
    }
    const wifi = this.#wifi;
    const results = method(...argumentsOf(frame.subarray(3), count, LONG_ARGUMENTS.has(command) ? 2 : 1));
    if (results instanceof Promise) {
      // The module may have been reset meanwhile.
      results.then((results) => wifi === this.#wifi && this.#answer(encoded(command, results)));
    } else {
      this.#answer(encoded(command, results));
    }
  }

  #answer(reply) {
    this.#reply = reply;
    this.#busy.setInputValue(false);
  }
}

function encoded(command, results) {
  const width = LONG_RESULTS.has(command) ? 2 : 1;
  return Buffer.concat([
    Buffer.from([START, command | REPLY, results.length]),
    ...results.flatMap((result) => [lengthOf(result, width), result]),
    Buffer.from([END]),
  ]);
}

// If an argument is longer than the buffer, the firmware takes the missing bytes from the memory behind it.
function argumentsOf(bytes, count, width) {
  const found = [];
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const length = bytes.readUIntBE(offset, width);
    const there = bytes.subarray(offset + width, offset + width + length);
    found.push(Buffer.concat([there, Buffer.alloc(length - there.length, 0xff)]));
    offset += width + length;
  }
  return found;
}

function lengthOf(result, width) {
  const length = Buffer.alloc(width);
  length.writeUIntBE(result.length, 0, width);
  return length;
}
