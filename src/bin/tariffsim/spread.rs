//! Many pieces of the same work spread over threads. What comes of them is in their order, whichever was done first, so
//! that one thread and many give the same bytes.

use indicatif::{HumanFloatCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt;
use std::io::{self, IsTerminal};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use tariffsim::assess::Crew;

/// A bar appears only when the work takes longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// How work is spread.
pub struct Spread {
    threads: usize,
    /// Whether a bar may be drawn.
    visible: bool,
}

impl Spread {
    /// Over so many threads, by default as many as the machine runs at once.
    pub fn new(threads: Option<NonZero<usize>>, quiet: bool) -> Spread {
        let threads = threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
        Spread { threads, visible: !quiet && io::stderr().is_terminal() }
    }

    /// How many there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Does every piece of work; of several failures the one that comes first in order.
    pub fn each<T, E>(
        &self,
        pieces: usize,
        work: &(dyn Fn(usize) -> Result<T, E> + Sync),
    ) -> Result<Vec<T>, E>
    where
        T: Send,
        E: Send,
    {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let bar = Bar::new(pieces, self.visible);
        let labour = || {
            let mut done = Vec::new();
            // Pieces are taken in order: when one fails, all before it are taken already, and are finished.
            while !failed.load(Ordering::Acquire) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= pieces {
                    break;
                }
                let result = work(at);
                if result.is_err() {
                    failed.store(true, Ordering::Release);
                }
                done.push((at, result));
                bar.tick(1);
            }
            done
        };
        let mut results = thread::scope(|scope| {
            let spawn = |_| Builder::new().stack_size(crate::STACK).spawn_scoped(scope, labour).ok();
            let helpers: Vec<_> = (1..self.threads.min(pieces)).filter_map(spawn).collect();
            let mut results = labour();
            for helper in helpers {
                match helper.join() {
                    Ok(done) => results.extend(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            results
        });
        bar.finish();
        results.sort_by_key(|(at, _)| *at);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// Threads that share out the rows of flow files.
pub struct Team {
    threads: usize,
    bar: Bar,
}

impl Team {
    /// Of so many threads, by default as many as the machine runs at once.
    pub fn new(threads: Option<NonZero<usize>>, quiet: bool) -> Team {
        let spread = Spread::new(threads, quiet);
        Team { threads: spread.threads, bar: Bar::rows(spread.visible) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish();
    }
}

impl Crew for Team {
    fn work(&self, labour: &(dyn Fn() + Sync)) {
        thread::scope(|scope| {
            for _ in 1..self.threads {
                // Where no more threads can be had, those there are do all of it.
                let _ = Builder::new().stack_size(crate::STACK).spawn_scoped(scope, labour);
            }
            labour();
        });
    }

    fn read(&self, rows: usize) {
        self.bar.tick(rows);
    }
}

/// A progress bar that nobody sees unless the work takes long.
struct Bar {
    drawing: ProgressBar,
    began: Instant,
    shown: AtomicBool,
    visible: bool,
}

impl Bar {
    fn new(pieces: usize, visible: bool) -> Bar {
        let drawing = ProgressBar::with_draw_target(
            Some(u64::try_from(pieces).unwrap_or(u64::MAX)),
            ProgressDrawTarget::hidden(),
        );
        Bar::styled(drawing, "{bar:40} {pos} of {len} runs, {eta} left", visible)
    }

    /// Of rows of which nobody knows how many there will be.
    fn rows(visible: bool) -> Bar {
        let drawing = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Bar::styled(drawing, "{spinner} {human_pos} rows, {rate} a second", visible)
    }

    fn styled(drawing: ProgressBar, template: &str, visible: bool) -> Bar {
        if let Ok(style) = ProgressStyle::with_template(template) {
            // The bar's own rate has four decimal places.
            drawing.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = write!(out, "{:.0}", HumanFloatCount(state.per_sec()));
            }));
        }
        Bar { drawing, began: Instant::now(), shown: AtomicBool::new(false), visible }
    }

    fn tick(&self, done: usize) {
        let late = self.visible && self.began.elapsed() > PATIENCE;
        if late && !self.shown.swap(true, Ordering::Relaxed) {
            self.drawing.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        }
        self.drawing.inc(u64::try_from(done).unwrap_or(u64::MAX));
    }

    fn finish(&self) {
        self.drawing.finish_and_clear();
    }
}
