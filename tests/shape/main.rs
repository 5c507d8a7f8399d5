//! Holds the tree to its own rules: who may depend on whom, where SQL, generated types and statuses may stand, how long
//! files are, and that prose names only what exists. It reads sources as text and knows nothing of what they do.

mod arrows;
mod budget;
mod places;
mod prose;
mod source;
mod tree;
mod words;
