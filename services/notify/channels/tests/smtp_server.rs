//! A mail server on the loopback that records each session and answers one command as a test asks.
//! It knows as much of SMTP as a client needs to hand over one mail, and no TLS.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server, and what was said to it: all lines of all sessions.
pub(super) struct Server {
    pub(super) port: u16,
    said: Arc<Mutex<Vec<String>>>,
}

/// At which step it answers otherwise: the beginning of a command, `""` for the greeting, `.` for the mail's end.
#[derive(Clone, Copy)]
pub(super) struct Twist {
    pub(super) at: &'static str,
    /// Empty: the connection is closed. `-`: it says nothing more.
    pub(super) answer: &'static str,
}

pub(super) const FINE: Twist = Twist { at: "never", answer: "" };

impl Server {
    pub(super) async fn start(twist: Twist) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that leaves in the middle ends its session, and no other.
                let _ = session(stream, twist, &log).await;
            }
        });
        Server { port, said }
    }

    /// The commands, without the mail.
    pub(super) fn commands(&self) -> Vec<String> {
        let mut mail = false;
        let mut commands = self.said.lock().unwrap().clone();
        commands.retain(|line| {
            let keep = !mail;
            mail = if mail { line != "." } else { line == "DATA" };
            keep
        });
        commands
    }

    /// The mails, lines joined.
    pub(super) fn mails(&self) -> Vec<String> {
        let said = self.said.lock().unwrap();
        let bodies = said.split(|line| line == "DATA").skip(1);
        bodies
            .map(|lines| {
                lines.iter().take_while(|line| *line != ".").map(|line| format!("{line}\n")).collect()
            })
            .collect()
    }
}

async fn session(stream: TcpStream, twist: Twist, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut in_mail = false;
    let mut line = String::new();
    loop {
        let usual = match line.split([' ', ':']).next().unwrap_or_default() {
            "." => "250 2.0.0 queued as 4711",
            _ if in_mail => "",
            "" => "220 mail.example ESMTP",
            "EHLO" => "250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            "AUTH" => "235 2.7.0 fine",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 2.1.0 ok",
        };
        let twisted = if twist.at.is_empty() { line.is_empty() } else { line.starts_with(twist.at) };
        let answer = if twisted && (!in_mail || line == ".") { twist.answer } else { usual };
        match answer {
            "" if !in_mail || line == "." => return Ok(()),
            "" => {}
            "-" => std::future::pending().await,
            answer => write.write_all(format!("{answer}\r\n").as_bytes()).await?,
        }
        in_mail = if in_mail { line != "." } else { answer.starts_with("354") };
        line = lines.next_line().await?.unwrap_or_else(|| "QUIT".to_owned());
        log.lock().unwrap().push(line.clone());
        if line == "QUIT" && twist.at != "QUIT" {
            return write.write_all(b"221 bye\r\n").await;
        }
    }
}
