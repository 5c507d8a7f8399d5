//! A server that answers what a test says, and a run of the command line with its output captured.
//! Methods without an answer are UNIMPLEMENTED, as they are on a real server.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::{Router, routing::post};
use clap::Parser;
use futures::StreamExt;
use http::HeaderMap;
use tonic::{Request, Response, Status, body::Body, service::Routes, transport::Server};
use tonic_prost::ProstCodec;

use crate::cli::{Cli, Command, Terminal, calls::Call, run};

/// What a run of the command line left behind.
pub(super) struct Outcome {
    pub(super) code: u8,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Answers by method; the requests seen are up to the closures.
#[derive(Default)]
pub(super) struct Fake {
    router: Router,
}

impl Fake {
    /// Answers one method.
    pub(super) fn answer<R>(
        self,
        answer: impl Fn(R, HeaderMap) -> Result<R::Answer, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        R: Call + Default,
    {
        let handler = move |request: http::Request<axum::body::Body>| {
            let answer = answer.clone();
            async move {
                let method = tower::service_fn(move |request: Request<R>| {
                    let headers = request.metadata().clone().into_headers();
                    let answered = answer(request.into_inner(), headers);
                    async move { answered.map(Response::new) }
                });
                let codec = ProstCodec::<R::Answer, R>::default();
                tonic::server::Grpc::new(codec).unary(method, request.map(Body::new)).await
            }
        };
        Self { router: self.router.route(R::PATH, post(handler)) }
    }

    /// Answers each message of one method that streams in both directions, `at_most` in one stream.
    pub(super) fn exchange<R>(
        self,
        at_most: usize,
        answer: impl Fn(R) -> R::Answer + Clone + Send + Sync + 'static,
    ) -> Self
    where
        R: Call + Default + Sync,
    {
        let handler = move |request: http::Request<axum::body::Body>| {
            let answer = answer.clone();
            async move {
                let method = tower::service_fn(move |request: Request<tonic::Streaming<R>>| {
                    let answer = answer.clone();
                    let messages = request.into_inner().take(at_most);
                    let answers = messages.map(move |message| message.map(&answer));
                    async move { Ok::<_, Status>(Response::new(answers)) }
                });
                let codec = ProstCodec::<R::Answer, R>::default();
                tonic::server::Grpc::new(codec).streaming(method, request.map(Body::new)).await
            }
        };
        Self { router: self.router.route(R::PATH, post(handler)) }
    }

    /// Leaves one method without an answer for ever.
    pub(super) fn silent<R: Call>(self) -> Self {
        let handler = || async {
            std::future::pending::<()>().await;
            http::Response::new(Body::empty())
        };
        Self { router: self.router.route(R::PATH, post(handler)) }
    }

    /// Serves on a free port of the loopback, runs the command line against it, and ends.
    pub(super) async fn run(self, line: &[&str]) -> Outcome {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let routes = Routes::from(self.router);
        let serving = tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));

        let outcome = run_against(&server, line).await;

        serving.abort();
        outcome
    }
}

/// Runs the command line with its output captured.
pub(super) async fn run_against(server: &str, line: &[&str]) -> Outcome {
    let words = [&["stentor", "--server", server], line].concat();
    let Cli { command, global } = Cli::try_parse_from(words).unwrap();
    let (out, err) = (Capture::default(), Capture::default());
    let terminal = Terminal::captured(Box::new(out.clone()), Box::new(err.clone()));
    let code = match command {
        Command::Client(command) => run(command, &global, terminal).await,
        Command::Serve(_) | Command::Demo(_) | Command::Migrate(_) | Command::Import(_) => {
            panic!("no client subcommand")
        }
    };
    Outcome { code, stdout: out.text(), stderr: err.text() }
}

#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
