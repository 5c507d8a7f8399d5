//! Telling people: what a message says, how it is signed, where it may go, and whether it arrived.
//! When to try again and whether a page is still wanted is decided by the engine.

mod egress;
mod message;
mod net;
mod providers;
mod sender;
mod standard_webhook;

pub use egress::Egress;
pub use message::{Kind, Message};
pub use net::{BadNet, Net};
pub use providers::{ProviderError, Providers};
pub use sender::{Failure, Receipt, Sender, Webhook};
pub use standard_webhook::{BadSecret, Secret, signature};
