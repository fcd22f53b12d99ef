// An RP2040 with a firmware in its flash, at the pace of real time or slower, never faster.
import { ConsoleLogger, LogLevel, Simulator } from './rp2040js.mjs';

// What the processor needs for a cycle at 125 MHz, in ns.
const CYCLE = 8;
// How long the processor runs before this machine's own events have their turn, in ms.
const TURN = 4;
// A delay up to this many ms is caught up on. Whatever else is lost stays lost: were it made up for, the
// time of a firmware that waits would run faster than that of the peers it waits for.
const CATCH_UP = 8;

const FLASH = 0x10000000;
const ROSC = 0x40060;
const ROSC_RANDOMBIT = 0x1c;

const UF2_BLOCK = 512;
const UF2_MAGIC = 0x0a324655;

// The oscillator that MicroPython takes its random numbers from.
class RingOscillator {
  readUint32(offset) {
    return offset === ROSC_RANDOMBIT ? Math.round(Math.random()) : 0;
  }
  writeUint32() {}
  writeUint32Atomic() {}
}

export class Machine {
  #simulator = new Simulator();
  // When simulated time was 0, in ms of performance.now().
  #origin;

  constructor(bootRom, image) {
    this.chip = this.#simulator.rp2040;
    this.chip.logger = new ConsoleLogger(LogLevel.Error, false);
    this.chip.loadBootrom(new Uint32Array(bootRom.buffer, bootRom.byteOffset, bootRom.length / 4));
    this.chip.peripherals[ROSC] = new RingOscillator();
    this.#flash(image);
  }

  #flash(image) {
    for (let offset = 0; offset < image.length; offset += UF2_BLOCK) {
      if (image.readUInt32LE(offset) !== UF2_MAGIC) {
        throw new Error(`not a UF2 file: block ${offset / UF2_BLOCK}`);
      }
      const address = image.readUInt32LE(offset + 12);
      const size = image.readUInt32LE(offset + 16);
      this.chip.flash.set(image.subarray(offset + 32, offset + 32 + size), address - FLASH);
    }
  }

  // Has `callback` called after so many ns of simulated time. Gives a function that calls it off.
  after(nanos, callback) {
    const alarm = this.#simulator.clock.createAlarm(callback);
    alarm.schedule(nanos);
    return () => alarm.cancel();
  }

  start() {
    this.chip.core.PC = FLASH;
    this.#origin = performance.now();
    this.#turn();
  }

  #turn() {
    const { clock } = this.#simulator;
    const began = performance.now();
    const late = began - this.#origin - clock.nanos / 1e6;
    if (late > CATCH_UP) {
      this.#origin += late - CATCH_UP;
    }
    const due = (began - this.#origin) * 1e6;
    while (clock.nanos < due && performance.now() - began < TURN) {
      this.#run(due);
    }
    if (clock.nanos < due) {
      setImmediate(() => this.#turn());
    } else {
      setTimeout(() => this.#turn(), 1);
    }
  }

  // Some instructions, or the time until the next event if the processor sleeps.
  #run(due) {
    const { clock } = this.#simulator;
    const { core } = this.chip;
    for (let i = 0; i < 500; i++) {
      if (core.waiting) {
        const left = due - clock.nanos;
        if (left <= 0) {
          return;
        }
        const event = clock.nanosToNextAlarm;
        clock.tick(event > 0 ? Math.min(event, left) : Math.min(1000, left));
      } else {
        clock.tick(core.executeInstruction() * CYCLE);
      }
    }
  }
}
