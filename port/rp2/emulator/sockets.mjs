// The WiFi module's lwIP sockets, as connections of the emulator's host.
import net from 'node:net';

// lwIP's numbers.
const FIRST = 54;
const MOST = 10;
const NONE = 255;

// Numbers of the module's C library.
const EAGAIN = 11;
const EINVAL = 22;
const EBADF = 9;
const ECONNRESET = 104;
const ENOPROTOOPT = 109;
const EHOSTUNREACH = 118;
const EINPROGRESS = 119;
const EALREADY = 120;
const EISCONN = 127;
const ENOTCONN = 128;

const READABLE = 0x01;
const WRITABLE = 0x02;
const FAILED = 0x04;
const INVALID = 0x80;

// The bytes that lwIP buffers in each direction of a connection, and the most bytes of a reply.
const WINDOW = 5744;
const REPLY_BUFFER = 4092 - 16;

const ACCEPTING = 0x0002;
const KNOWN_OPTIONS = new Set([0x0004, 0x0008, 0x0020, 0x1005, 0x1006]);

const byte = (value) => [Buffer.from([value])];

// A TCP connection as lwIP sees it.
class Connection {
  // new, connecting, connected, or closed.
  state = 'new';
  // An errno that the next operation reports and clears.
  #error = 0;
  #received = Buffer.alloc(0);
  #ended = false;
  #socket;

  connect(port) {
    this.state = 'connecting';
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => {
      this.state = 'connected';
    });
    this.#socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      if (this.#received.length >= WINDOW) {
        this.#socket.pause();
      }
    });
    this.#socket.on('end', () => {
      this.#ended = true;
    });
    this.#socket.on('error', () => {
      // lwIP does not keep the reason why an attempt to connect has failed.
      this.#error = this.state === 'connected' ? ECONNRESET : 0;
      this.state = 'closed';
    });
  }

  get readable() {
    return this.state === 'closed' || this.#received.length > 0 || this.#ended;
  }

  get writable() {
    return this.state === 'closed' || (this.state === 'connected' && this.#room > 0);
  }

  get #room() {
    return WINDOW - this.#socket.writableLength;
  }

  // Returns an errno or the number of accepted bytes.
  send(data) {
    const error = this.#trouble();
    if (error) {
      return { error };
    }
    if (this.#room <= 0) {
      return { error: EAGAIN };
    }
    const taken = Buffer.from(data.subarray(0, this.#room));
    this.#socket.write(taken);
    return { taken: taken.length };
  }

  // Returns an errno or the available bytes; no bytes mean the end of the stream.
  receive(most) {
    if (this.#received.length > 0) {
      const data = this.#received.subarray(0, most);
      this.#received = this.#received.subarray(data.length);
      if (this.#received.length < WINDOW) {
        this.#socket.resume();
      }
      return { data };
    }
    const error = this.#trouble();
    if (error) {
      return { error };
    }
    return this.#ended ? { data: this.#received } : { error: EAGAIN };
  }

  #trouble() {
    const error = this.#error;
    this.#error = 0;
    return error || (this.state === 'connected' ? 0 : ENOTCONN);
  }

  close() {
    this.#socket?.destroySoon();
  }
}

export class Sockets {
  #gateway;
  #open = new Map();
  #errno = 0;

  // A connection to the gateway's address goes to this host.
  constructor(gateway) {
    this.#gateway = gateway;
  }

  closeAll() {
    for (const connection of this.#open.values()) {
      connection.close();
    }
    this.#open.clear();
  }

  // Functions from argument buffers to result buffers, by command number. Each except the second sets errno.
  commands = {
    0x70: () => byte(this.#socket()),
    0x71: (fd) => byte(this.#close(fd[0])),
    0x72: () => byte(this.#errno),
    0x76: (fd, address, port) => byte(this.#connect(fd[0], address.join('.'), port.readUInt16BE()) ? 1 : 0),
    0x77: (fd, data) => this.#send(fd[0], data),
    0x78: (fd, most) => [this.#receive(fd[0], Math.min(most.readUInt16LE(), REPLY_BUFFER))],
    // The driver only ever asks for non-blocking mode.
    0x7b: (fd, request, argument) => [this.#find(fd[0]) ? argument : Buffer.alloc(0)],
    0x7c: (fd) => byte(this.#poll(fd[0])),
    // The module treats every option as an option of SOL_SOCKET.
    0x7d: (fd, option) => byte(this.#knows(fd[0], KNOWN_OPTIONS.has(option.readUInt32LE())) ? 1 : 0),
    0x7e: (fd, option) => [Buffer.alloc(this.#knows(fd[0], option.readUInt32LE() === ACCEPTING) ? 4 : 0)],
  };

  #find(fd) {
    const connection = this.#open.get(fd);
    this.#errno = connection ? 0 : EBADF;
    return connection;
  }

  #socket() {
    this.#errno = 0;
    for (let fd = FIRST; fd < FIRST + MOST; fd++) {
      if (!this.#open.has(fd)) {
        this.#open.set(fd, new Connection());
        return fd;
      }
    }
    this.#errno = EINVAL;
    return NONE;
  }

  #close(fd) {
    const connection = this.#find(fd);
    connection?.close();
    this.#open.delete(fd);
    return connection ? 1 : 0;
  }

  #connect(fd, address, port) {
    const connection = this.#find(fd);
    if (!connection) {
      return false;
    }
    if (connection.state === 'new' && address !== this.#gateway) {
      this.#errno = EHOSTUNREACH;
      return false;
    }
    if (connection.state === 'new') {
      connection.connect(port);
      this.#errno = EINPROGRESS;
    } else {
      this.#errno = { connecting: EALREADY, connected: EISCONN, closed: ENOTCONN }[connection.state];
    }
    return false;
  }

  #send(fd, data) {
    const { taken = 0, error = 0 } = this.#find(fd)?.send(data) ?? { error: EBADF };
    this.#errno = error;
    return [Buffer.from([taken >> 8, taken & 0xff])];
  }

  #receive(fd, most) {
    const { data = Buffer.alloc(0), error = 0 } = this.#find(fd)?.receive(most) ?? { error: EBADF };
    this.#errno = error;
    return data;
  }

  #poll(fd) {
    const connection = this.#find(fd);
    if (!connection) {
      return INVALID;
    }
    return (
      (connection.readable ? READABLE : 0) |
      (connection.writable ? WRITABLE : 0) |
      (connection.state === 'closed' ? FAILED : 0)
    );
  }

  #knows(fd, known) {
    const found = this.#find(fd) !== undefined;
    if (found && !known) {
      this.#errno = ENOPROTOOPT;
    }
    return found && known;
  }
}
