//! Telling people: what a message says, through which channel it goes, where it may go, and whether it arrived.
//! When to try again and whether a page is still wanted is decided by the engine.

mod carrier;
mod channels;
mod client;
mod egress;
mod links;
mod message;
mod net;
mod outcome;
mod providers;
mod secret;
mod sender;
mod service;
mod trial;
mod words;

pub use carrier::Carrier;
pub(crate) use channels::{Around, url};
pub use channels::{BadSecret, Secret, signature};
pub(crate) use client::{Client, wall_seconds};
pub use egress::Egress;
#[cfg(feature = "nats")]
pub(crate) use egress::Unresolved;
pub use message::{Kind, Message};
pub use net::{BadNet, Net};
pub use outcome::{Failure, Receipt};
pub use providers::{ProviderError, Providers};
#[cfg(feature = "nats")]
pub(crate) use secret::{Hidden, Token};
pub use sender::Sender;
pub use service::service;
