// The host's side of the serial port of the firmware's USB device.
import { USBCDC } from './rp2040js.mjs';

export class Serial {
  // The bytes for the device, and the number of bytes that it has requested.
  #queue = Buffer.alloc(0);
  #wanted = 0;
  #usb;
  #cdc;

  // Calls `received` with the bytes that the device sends.
  constructor(chip, received) {
    this.#usb = chip.usbCtrl;
    this.#cdc = new USBCDC(this.#usb);
    this.#cdc.onSerialData = (data) => received(Buffer.from(data));
    // rp2040js answers at once, even without data, so the device asks again and is never idle. A real host
    // makes it wait.
    this.#usb.onEndpointRead = (endpoint, size) => {
      if (endpoint === this.#cdc.outEndpoint) {
        this.#wanted = size;
        this.#deliver();
      }
    };
  }

  write(data) {
    this.#queue = Buffer.concat([this.#queue, data]);
    this.#deliver();
  }

  #deliver() {
    if (this.#wanted > 0 && this.#queue.length > 0) {
      const chunk = this.#queue.subarray(0, this.#wanted);
      this.#queue = this.#queue.subarray(chunk.length);
      this.#wanted = 0;
      this.#usb.endpointReadDone(this.#cdc.outEndpoint, Uint8Array.from(chunk));
    }
  }
}
