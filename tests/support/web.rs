//! One request over HTTP/1.1 and everything of its answer, for pages that people open. It follows nothing and keeps no
//! connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// The status line and the headers, in small letters.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Whether this header line is there.
    pub fn has(&self, line: &str) -> bool {
        self.head.lines().any(|each| each == line)
    }
}

/// Asks for an address of the form `http://host:port/path`.
///
/// # Panics
/// If nobody answers: the test is over then.
pub async fn ask(method: &str, url: &str) -> Answer {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("somebody listens");
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer to its end");
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}
