// The serial port of the firmware's USB device, seen from the host.
import { USBCDC } from './rp2040js.mjs';

export class Serial {
  // Bytes for the device, and how many it has asked for.
  #queue = Buffer.alloc(0);
  #wanted = 0;
  #usb;
  #cdc;

  // `received` is called with what the device sends.
  constructor(chip, received) {
    this.#usb = chip.usbCtrl;
    this.#cdc = new USBCDC(this.#usb);
    this.#cdc.onSerialData = (data) => received(Buffer.from(data));
    // rp2040js answers at once, with nothing if there is nothing: the device asks again, and is never
    // idle. A host makes it wait.
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
