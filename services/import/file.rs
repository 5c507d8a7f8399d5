//! Opens what is to be imported: plain or gzip, told apart by the first bytes and not by the name. It reads no more than
//! a limit, so that a small file cannot unfold without end.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::bad::ImportError;
use super::progress::Progress;

/// Unpacked bytes that are read at most.
const BYTES_MAX: u64 = 4 << 30;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The file's content, unpacked.
pub(super) fn open(path: &Path, progress: &Progress) -> Result<Box<dyn Read + Send>, ImportError> {
    let failed = |source| ImportError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut raw = BufReader::with_capacity(1 << 16, progress.reading(file, length));
    let packed = raw.fill_buf().map_err(failed)?.starts_with(&GZIP);
    let plain: Box<dyn Read + Send> = if packed { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };
    Ok(Box::new(Bounded { inner: plain, left: BYTES_MAX }))
}

/// The whole content as text.
pub(super) fn text(path: &Path, progress: &Progress) -> Result<String, ImportError> {
    let mut text = String::new();
    let failed = |source| ImportError::File { path: path.to_owned(), source };
    open(path, progress)?.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Ends with an error instead of quietly where there is too much.
struct Bounded {
    inner: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the file unpacks to more than 4 GiB")
        })?;
        Ok(n)
    }
}
