//! What the process uses: memory, processor time, open files, and the tasks of its runtime.
//! Read from `/proc` when the metrics are collected; where there is no `/proc`, those metrics are absent.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

/// The kernel counts processor time in hundredths of a second on every platform we build for.
const TICKS_PER_SECOND: f64 = 100.0;

const PAGE_BYTES: i64 = 4096;

/// Registers the instruments. Must run inside a tokio runtime.
pub(super) fn observe(meter: &Meter) {
    meter
        .i64_observable_up_down_counter("process.memory.usage")
        .with_unit("By")
        .with_description("Physical memory in use")
        .with_callback(|observer| {
            if let Some(pages) = resident_pages() {
                observer.observe(pages * PAGE_BYTES, &[]);
            }
        })
        .build();
    meter
        .f64_observable_counter("process.cpu.time")
        .with_unit("s")
        .with_description("Processor time used")
        .with_callback(|observer| {
            if let Some((user, system)) = processor_seconds() {
                observer.observe(user, &[KeyValue::new("cpu.mode", "user")]);
                observer.observe(system, &[KeyValue::new("cpu.mode", "system")]);
            }
        })
        .build();
    meter
        .i64_observable_up_down_counter("process.unix.file_descriptor.count")
        .with_unit("{file_descriptor}")
        .with_description("Open files and sockets")
        .with_callback(|observer| {
            if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
                observer.observe(files.count() as i64, &[]);
            }
        })
        .build();
    let runtime = tokio::runtime::Handle::current().metrics();
    meter
        .u64_observable_gauge("stentor.runtime.tasks")
        .with_unit("{task}")
        .with_description("Tasks alive in the runtime")
        .with_callback(move |observer| observer.observe(runtime.num_alive_tasks() as u64, &[]))
        .build();
    let runtime = tokio::runtime::Handle::current().metrics();
    meter
        .u64_observable_gauge("stentor.runtime.queue")
        .with_unit("{task}")
        .with_description("Tasks that wait in the runtime's global queue")
        .with_callback(move |observer| observer.observe(runtime.global_queue_depth() as u64, &[]))
        .build();
}

fn resident_pages() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn processor_seconds() -> Option<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name may hold blanks, so count from its closing parenthesis: user is the 12th after it.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user / TICKS_PER_SECOND, system / TICKS_PER_SECOND))
}
