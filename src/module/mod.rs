//! The Python-visible `mqtt` module.
//!
//! | file | its one subject |
//! |---|---|
//! | `entry` | the functions that C calls |
//! | `args` | from Python arguments to checked values |
//! | `error` | from every kind of failure to a Python exception |
//! | `client` | what a `Client` object holds |
//! | `role` | who may read, write, deliver, connect |
//! | `ssl` | TLS contexts: `create_ssl_context`, the check of `ssl_ctx` |
//! | `output` | writing packets |
//! | `input`, `receive` | reading packets; getting the bytes of them |
//! | `wait` | waiting for an answer |
//! | `delivery`, `inbox` | calling the application's functions |
//! | `connection` | `connect`, `reconnect`, `disconnect` |
//! | `establish`, `closing` | how a connection is made, and how it ends |
//! | `publish`, `subscribe` | those commands |
//! | `read_loop` | the background loop |
//! | `loop_thread`, `loop_scheduled` | who drives it |

mod args;
mod client;
mod closing;
mod connection;
mod delivery;
mod entry;
mod error;
mod establish;
mod inbox;
mod input;
mod loop_scheduled;
mod loop_thread;
mod output;
mod publish;
mod read_loop;
mod receive;
mod role;
mod ssl;
mod subscribe;
mod wait;
