//! The smallest hyper server that answers an invocation as a function does: what the start-up of a function is measured
//! against. It reads the body and sends back what it was told to, nothing more.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

fn main() -> std::io::Result<()> {
    let port = std::env::var("FC_SERVER_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(9000_u16);
    let answer = Bytes::from(std::env::var("ANSWER").unwrap_or_default());
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let _ = request.into_body().collect().await;
                    let mut response = Response::new(Full::new(answer));
                    let headers = response.headers_mut();
                    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
                    headers.insert("x-fc-status", http::HeaderValue::from_static("200"));
                    Ok::<_, Infallible>(response)
                }
            });
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        }
    })
}
