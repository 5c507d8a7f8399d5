//! The command line: its grammar, and a client of the API behind every subcommand but the three that serve.
//! It knows no rules of incidents and no store; what it shows is what the server answered.

pub mod args;
