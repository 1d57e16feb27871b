//! The runtime measures with tokio's current-thread runtime.
//!
//!     runtime_tokio MEASURE [COUNT]
//!
//! Prints the same lines as the programs on bide. A task here is a state machine, not a stack.
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task, time};

const SWITCHES: u32 = 5_000_000;
const SPAWNS: u32 = 1_000_000;
const MESSAGES: u32 = 2_000_000;
const SLEEPS: u32 = 50;
const SLEEP: Duration = Duration::from_millis(10);

/// Processor time of the process in nanoseconds.
fn cpu() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
}

fn show(name: &str, value: f64, unit: &str) {
    println!("{} {:.6} {}", name, value, unit);
}

fn show_each(name: &str, start: f64, count: u32) {
    show(name, (cpu() - start) / count as f64, "ns");
}

fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let wanted = |l: &&str| l.starts_with("VmRSS:") || l.starts_with("VmPTE:");
    let kilobytes = |l: &str| l.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap();
    status.lines().filter(wanted).map(kilobytes).sum::<f64>() * 1024.0
}

fn delays() -> impl Iterator<Item = Duration> {
    let mut state = 12345u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        Duration::from_millis(1 + ((state >> 8) % 1000) as u64)
    })
}

async fn measure_switch() {
    async fn yield_often() {
        for _ in 0..SWITCHES / 2 {
            task::yield_now().await;
        }
    }
    let start = cpu();
    let (one, two) = (task::spawn_local(yield_often()), task::spawn_local(yield_often()));
    one.await.unwrap();
    two.await.unwrap();
    show_each("switch", start, SWITCHES);
}

async fn measure_spawn() {
    let start = cpu();
    for _ in 0..SPAWNS {
        task::spawn_local(async {}).await.unwrap();
    }
    show_each("spawn", start, SPAWNS);
}

async fn measure_message() {
    let (there, mut there_end) = mpsc::channel::<u32>(1);
    let (back, mut back_end) = mpsc::channel::<u32>(1);
    task::spawn_local(async move {
        while let Some(number) = there_end.recv().await {
            back.send(number).await.unwrap();
        }
    });
    let start = cpu();
    for i in 0..MESSAGES / 2 {
        there.send(i).await.unwrap();
        back_end.recv().await.unwrap();
    }
    show_each("message", start, MESSAGES);
}

async fn measure_memory(count: u32) {
    let before = memory();
    for _ in 0..count {
        drop(task::spawn_local(time::sleep(Duration::from_secs(1000))));
    }
    time::sleep(Duration::from_millis(5)).await;
    show("memory", (memory() - before) / count as f64, "bytes");
    show("memory_tasks", count as f64, "tasks");
    std::process::exit(0);
}

async fn measure_timers(count: u32) {
    let start = cpu();
    let mut tasks = Vec::new();
    for delay in delays().take(count as usize) {
        tasks.push(task::spawn_local(async move {
            let begun = Instant::now();
            time::sleep(delay).await;
            (begun.elapsed() - delay).as_secs_f64()
        }));
    }
    let mut late = 0.0;
    for sleeper in tasks {
        late += sleeper.await.unwrap();
    }
    show("timers", (cpu() - start) / 1e9, "s");
    show("timers_late_mean", late * 1e3 / count as f64, "ms");
}

async fn measure_lateness(name: &str, tasks: u32, busy: Duration) {
    for _ in 0..tasks {
        task::spawn_local(async move {
            loop {
                let start = Instant::now();
                while !busy.is_zero() && start.elapsed() < busy {}
                task::yield_now().await;
            }
        });
    }
    let mut late = 0.0;
    for _ in 0..SLEEPS {
        let begun = Instant::now();
        time::sleep(SLEEP).await;
        late += begun.elapsed().as_secs_f64() - SLEEP.as_secs_f64();
    }
    show(name, late * 1e3 / SLEEPS as f64, "ms");
    std::process::exit(0);
}

async fn measure(what: String, count: u32) {
    match what.as_str() {
        "switch" => measure_switch().await,
        "spawn" => measure_spawn().await,
        "message" => measure_message().await,
        "memory" => measure_memory(count).await,
        "timers" => measure_timers(count).await,
        "lateness" => measure_lateness("lateness", 1, Duration::ZERO).await,
        "lateness_busy" => measure_lateness(&what, 10, Duration::from_micros(100)).await,
        _ => std::process::exit(2),
    }
}

fn main() {
    let mut words = std::env::args().skip(1);
    let what = words.next().unwrap_or_default();
    let count = words.next().map_or(100_000, |w| w.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    task::LocalSet::new().block_on(&runtime, measure(what, count));
}
