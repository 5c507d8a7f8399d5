//! Pages behind the links in messages: whoever was paged acknowledges or escalates there without logging in. A page only
//! shows; a press of its button acts, through the same way in as the API, and what is allowed is decided by the rules.

mod act;
mod page;
mod routes;

pub use routes::routes;
