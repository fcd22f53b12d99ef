// The WiFi module's commands. Its network has one other host, the gateway 10.0.0.1, which is the loopback of
// the emulator's machine.
import dns from 'node:dns/promises';
import { Sockets } from './sockets.mjs';

const ADDRESS = [10, 0, 0, 2];
const NETMASK = [255, 255, 255, 0];
const GATEWAY = [10, 0, 0, 1];
const NO_ADDRESS = [255, 255, 255, 255];

const VERSION = '1.5.0\0';
const MAC = [0x02, 0, 0, 0, 0, 0x01];

// States of the connection to the access point.
const NO_SSID = 1;
const CONNECTED = 3;
const DISCONNECTED = 6;
// The time that it takes to connect, in ms.
const JOIN_TIME = 100;

const byte = (value) => [Buffer.from([value])];
const OK = byte(1);
const int32 = (value) => {
  const data = Buffer.alloc(4);
  data.writeInt32LE(value);
  return [data];
};

export class Wifi {
  #status = DISCONNECTED;
  #ssid = Buffer.alloc(0);
  #sockets = new Sockets(GATEWAY.join('.'));
  #resolved = NO_ADDRESS;
  #joining;

  // Functions from argument buffers to result buffers, by command number.
  commands = {
    0x10: (ssid) => this.#join(ssid),
    0x11: (ssid) => this.#join(ssid),
    0x12: (ssid) => this.#join(ssid),
    0x16: () => OK,
    0x17: () => OK,
    // The reason for a missing connection: none that a driver could handle.
    0x1f: () => byte(0),
    0x20: () => byte(this.#status),
    0x21: () => [Buffer.from(ADDRESS), Buffer.from(NETMASK), Buffer.from(GATEWAY)],
    0x22: () => [Buffer.from(MAC)],
    0x23: () => [this.#ssid],
    0x24: () => [Buffer.from(MAC)],
    0x25: () => int32(-40),
    0x26: () => byte(4),
    0x30: () => this.#leave(),
    0x34: (name) => this.#resolve(name.toString()),
    0x35: () => [Buffer.from(this.#resolved)],
    0x37: () => [Buffer.from(VERSION)],
    0x50: () => OK,
    0x51: () => OK,
    ...this.#sockets.commands,
  };

  reset() {
    clearTimeout(this.#joining);
    this.#sockets.closeAll();
  }

  #join(ssid) {
    this.reset();
    this.#ssid = ssid;
    this.#status = NO_SSID;
    this.#joining = setTimeout(() => {
      this.#status = CONNECTED;
    }, JOIN_TIME);
    return OK;
  }

  // Without the access point, all connections are gone.
  #leave() {
    this.reset();
    this.#status = DISCONNECTED;
    return OK;
  }

  // The emulator's host resolves names.
  async #resolve(name) {
    try {
      const { address } = await dns.lookup(name, { family: 4 });
      this.#resolved = address.startsWith('127.') ? GATEWAY : address.split('.').map(Number);
      return OK;
    } catch {
      this.#resolved = NO_ADDRESS;
      return byte(0);
    }
  }
}
