//! The client rows with hyper on tokio, one thread; bench/errand.h says what it is told and prints.
//!
//! As many tasks as jobs take the URLs in turn; hyper's client keeps the connections in its pool.
use hyper::body::HttpBody;
use hyper::client::HttpConnector;
use hyper::{header, Body, Client, Request, StatusCode, Uri};
use std::{cell::Cell, env, fs, rc::Rc, time::Duration, time::Instant};

const LIMIT: Duration = Duration::from_secs(60);

struct Errand {
    keep: bool,
    urls: Vec<String>,
    left: Cell<usize>,
    bytes: Cell<usize>,
}

fn status(field: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}

/// Processor time of the process in microseconds.
fn cpu() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e6 + t.tv_nsec as f64 / 1e3
}

async fn get(client: &Client<HttpConnector>, url: &str, errand: &Errand) {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = url.parse::<Uri>().unwrap();
    if !errand.keep {
        request.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    let mut response = client.request(request).await.unwrap();
    if response.status() != StatusCode::OK {
        panic!("{}: status {}", url, response.status());
    }
    while let Some(piece) = response.body_mut().data().await {
        errand.bytes.set(errand.bytes.get() + piece.unwrap().len());
    }
}

async fn work(client: Client<HttpConnector>, errand: Rc<Errand>) {
    while errand.left.get() > 0 {
        let next = errand.left.get() - 1;
        errand.left.set(next);
        let url = &errand.urls[next % errand.urls.len()];
        tokio::time::timeout(LIMIT, get(&client, url, &errand)).await.expect("timed out");
    }
}

async fn run(client: &Client<HttpConnector>, errand: &Rc<Errand>, count: usize, jobs: usize) {
    errand.left.set(count);
    errand.bytes.set(0);
    let begin = |_| tokio::task::spawn_local(work(client.clone(), errand.clone()));
    for job in (0..jobs).map(begin).collect::<Vec<_>>() {
        job.await.unwrap();
    }
}

async fn measure() {
    let words: Vec<String> = env::args().skip(1).collect();
    let number = |i: usize| words[i].parse::<usize>().unwrap();
    let (count, warm, jobs) = (number(2), number(3), number(4));
    let memory = status("VmRSS:") + status("VmPTE:");
    let urls = fs::read_to_string(&words[1]).unwrap().lines().map(String::from).collect();
    let errand = Rc::new(Errand {
        keep: words[0] == "keep", urls, left: Cell::new(0), bytes: Cell::new(0),
    });
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder().build(connector);
    run(&client, &errand, warm, jobs).await;
    let (start, used) = (Instant::now(), cpu());
    run(&client, &errand, count, jobs).await;
    let (seconds, used) = (start.elapsed().as_secs_f64(), cpu() - used);
    let peak = status("VmHWM:") + status("VmPTE:");
    println!("requests {} requests/s", count as f64 / seconds);
    println!("bandwidth {} MB/s", errand.bytes.get() as f64 / seconds / 1e6);
    println!("cpu_us {} us", used / count as f64);
    println!("peak {} MB", peak / 1e6);
    println!("memory {} bytes", (peak - memory) / jobs as f64);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, measure());
}
