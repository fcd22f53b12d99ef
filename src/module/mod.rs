//! The Python-visible `mqtt` module.
//!
//! | file | its one subject |
//! |---|---|
//! | `entry` | the functions that C calls |
//! | `methods` | the methods: from Python arguments to a command, from its result to a Python object |
//! | `message` | the attribute `message` |
//! | `args` | turns Python arguments into checked values |
//! | `error` | turns every kind of failure into a Python exception |
//! | `application` | the program as the session sees it: messages, filters, tables |
//! | `client` | the fields of a `Client` object |
//! | `role` | the right to read, write, deliver or connect, of one context at a time |
//! | `ssl` | TLS contexts: `create_ssl_context`, the check of `ssl_ctx` |
//! | `connect`, `disconnect`, `publish`, `subscribe` | those commands |
//! | `properties` | the properties of MQTT 5, between Python's dicts and the bytes of the packets |
//! | `version` | `set_version`, and the limits that a broker of MQTT 5 sets |
//! | `authentication` | enhanced authentication: `set_authentication`, `reauthenticate` |
//! | `request` | requests and their answers: `request`, `reply` |
//! | `auto_reconnect` | the function of that name |
//! | `reader` | reading: bytes from the network, packets and messages from the bytes |
//! | `writer` | writing: whole packets, by one context at a time |
//! | `output` | puts packets together and sends their bytes as the network takes them |
//! | `store` | sessions that outlive the power: `save`, `restore`, `set_store` |
//! | `wait` | waiting for an answer |
//! | `by_hand` | reading without a loop: the program calls for each message |
//! | `outbox` | messages that wait to be sent, and the `Delivery` objects that tell of their end |
//! | `inbox`, `delivery` | messages that wait; calling the application's functions |
//! | `rest` | bytes that have not left, of a client that never waits |
//! | `driven` | the loop as the program's own event loop drives it |
//! | `read_loop` | the background loop, driven by a thread or by the scheduler |

mod application;
mod args;
#[cfg(feature = "v5")]
mod authentication;
mod auto_reconnect;
#[cfg(feature = "by-hand")]
mod by_hand;
mod client;
mod connect;
mod delivery;
mod disconnect;
mod driven;
mod entry;
mod error;
mod inbox;
mod message;
mod methods;
mod outbox;
mod output;
#[cfg(feature = "into")]
mod parts;
mod properties;
mod publish;
mod read_loop;
mod reader;
#[cfg(feature = "v5")]
mod request;
#[cfg(feature = "aio")]
mod rest;
mod role;
mod ssl;
#[cfg(feature = "store")]
mod store;
mod subscribe;
mod version;
mod wait;
mod writer;
