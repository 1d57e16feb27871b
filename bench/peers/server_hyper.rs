//! The server rows with hyper on tokio: server_hyper PORT WORKERS FOLDER [CERTIFICATE KEY].
//!
//! Each worker is a thread with a current-thread runtime of its own, on a listener that all share. TLS
//! is rustls. A file is read whole by that thread: from the page cache that is faster than
//! tokio::fs, which asks another one.
use hyper::server::conn::Http;
use hyper::service::service_fn;
use hyper::{header, Body, Request, Response};
use std::{convert::Infallible, env, fs, io, net, sync::Arc};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::{rustls, TlsAcceptor};

fn answer(kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let made = Response::builder().header(header::CONTENT_TYPE, kind);
    made.body(body.into()).unwrap()
}

fn answer_with_file(path: &str) -> Response<Body> {
    match fs::read(path) {
        Ok(text) => answer("application/octet-stream", text),
        Err(_) => Response::builder().status(404).body(Body::empty()).unwrap(),
    }
}

async fn serve_one(request: Request<Body>, file: Arc<String>) -> Result<Response<Body>, Infallible> {
    Ok(match request.uri().path() {
        "/plaintext" => answer("text/plain", "Hello, World!"),
        "/json" => {
            let made = serde_json::json!({ "message": "Hello, World!" });
            answer("application/json", made.to_string())
        }
        _ => answer_with_file(&file),
    })
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, file: Arc<String>) {
    let service = service_fn(move |request| serve_one(request, file.clone()));
    let mut http = Http::new();
    http.http1_only(true).pipeline_flush(true);
    let _ = http.serve_connection(stream, service).await;
}

fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let open = |path: &str| io::BufReader::new(fs::File::open(path).unwrap());
    let chain = rustls_pemfile::certs(&mut open(certificate)).unwrap();
    let keys = rustls_pemfile::pkcs8_private_keys(&mut open(key)).unwrap();
    let config = rustls::ServerConfig::builder().with_safe_defaults().with_no_client_auth();
    let chain = chain.into_iter().map(rustls::Certificate).collect();
    let made = config.with_single_cert(chain, rustls::PrivateKey(keys[0].clone())).unwrap();
    TlsAcceptor::from(Arc::new(made))
}

async fn serve(listener: net::TcpListener, file: String, tls: Option<TlsAcceptor>) {
    let listener = TcpListener::from_std(listener).unwrap();
    let file = Arc::new(file);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => continue,
        };
        let (file, tls) = (file.clone(), tls.clone());
        stream.set_nodelay(true).unwrap();
        tokio::task::spawn_local(async move {
            match tls {
                None => serve_connection(stream, file).await,
                Some(tls) => {
                    if let Ok(secure) = tls.accept(stream).await {
                        serve_connection(secure, file).await
                    }
                }
            }
        });
    }
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let (port, workers): (u16, usize) = (words[0].parse().unwrap(), words[1].parse().unwrap());
    let file = format!("{}/static/10k.bin", words[2]);
    let tls = (words.len() > 4).then(|| acceptor(&words[3], &words[4]));
    let listener = net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let run = move |listener: net::TcpListener, file: String, tls: Option<TlsAcceptor>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, serve(listener, file, tls));
    };
    for _ in 1..workers {
        let (shared, file, tls) = (listener.try_clone().unwrap(), file.clone(), tls.clone());
        std::thread::spawn(move || run(shared, file, tls));
    }
    run(listener, file, tls);
}
