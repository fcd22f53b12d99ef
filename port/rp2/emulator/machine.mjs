// An RP2040 with a firmware in its flash. It runs as fast as real time or slower, never faster.
import { ConsoleLogger, LogLevel, Simulator } from './rp2040js.mjs';

// The length of a cycle at 125 MHz, in ns.
const CYCLE = 8;
// The time for which the processor runs before this machine handles its own events, in ms.
const TURN = 4;
// The longest delay, in ms, that the emulator makes up for. It does not make up for a longer one: the time
// of a waiting firmware would then run faster than the time of the peers for which it waits.
const CATCH_UP = 8;

const FLASH = 0x10000000;
const ROSC = 0x40060;
const ROSC_RANDOMBIT = 0x1c;

const UF2_BLOCK = 512;
const UF2_MAGIC = 0x0a324655;

// The oscillator from which MicroPython takes its random numbers.
class RingOscillator {
  readUint32(offset) {
    return offset === ROSC_RANDOMBIT ? Math.round(Math.random()) : 0;
  }
  writeUint32() {}
  writeUint32Atomic() {}
}

export class Machine {
  #simulator = new Simulator();
  // The value of performance.now() at simulated time 0, in ms.
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

  // Calls `callback` after so many ns of simulated time. Returns a function that cancels the call.
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

  // Runs some instructions, or skips to the next event if the processor sleeps.
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
