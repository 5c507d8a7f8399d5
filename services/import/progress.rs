//! The bar that shows how far an import is, on stderr and only where a person looks. It never decides anything.

use std::io::Read;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar; hidden where stderr is no terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Progress {
        Progress { bar: ProgressBar::no_length() }
    }

    /// Counts the bytes of a file as they are read.
    pub(super) fn reading<R: Read + Send + 'static>(
        &self,
        file: R,
        length: u64,
    ) -> impl Read + Send + 'static {
        self.begin(length, "{msg:>8} {wide_bar} {bytes}/{total_bytes}", "reading");
        self.bar.wrap_read(file)
    }

    /// Counts records as they are stored.
    pub(super) fn storing(&self, records: usize) {
        self.begin(records as u64, "{msg:>8} {wide_bar} {pos}/{len} {per_sec} {eta}", "storing");
    }

    pub(super) fn advance(&self, records: usize) {
        self.bar.inc(records as u64);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn begin(&self, length: u64, template: &str, message: &'static str) {
        self.bar.reset();
        self.bar.set_length(length);
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(message);
    }
}
