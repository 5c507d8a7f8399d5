//! Who calls, and what they may call. Identity is decided here once for each call and carried with the request;
//! what a command may do to an incident is decided by the rules, not here.

mod guardian;
mod integration;
mod key;
mod listen;
mod principal;
mod table;

pub use guardian::Guardian;
pub use integration::{deployment_secret, integration_key, signing_secret};
pub use key::{AdminKey, KeyError};
pub use listen::{ListenRefused, check_listen};
pub use principal::{Principal, Role};
pub use table::{Access, access};
