//! The rules of an incident's life, told as stories: the table of commands and phases, then one file per family. How
//! the states are stored and moved is tested elsewhere.

mod ack;
mod alerts;
mod clocks;
mod contacts;
mod ending;
mod escalation;
mod golden;
mod golden_lives;
mod inhibitions;
mod laws;
mod levels;
mod links;
mod moves;
mod priority;
mod races;
mod refusals;
mod silences;
mod simulation;
mod table;
mod vectors;
