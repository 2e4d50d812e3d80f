//! Contenders take turns inside each round on the same bytes; the best round counts. Same answer or no figure.

use anyhow::ensure;

use crate::clock::thread_nanos;
use crate::memory::counted;

/// One way to do the work of a race; the answer is what all of them must agree on.
pub struct Contender<'a> {
    /// What it is.
    pub name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<Run> + 'a>,
}

/// One run: what came out, and what the clock of the thread said from the first byte to the last.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// A hash of all that came out.
    pub answer: u64,
    /// CPU time of the thread.
    pub nanos: u64,
}

/// What a contender came to.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// What it is.
    pub name: &'static str,
    /// CPU time of its best round.
    pub nanos: u64,
    /// Allocations of one run, all included.
    pub n_allocations: u64,
}

impl<'a> Contender<'a> {
    /// `work` is timed; `answer` looks at what it made and is not.
    pub fn new<T>(
        name: &'static str,
        mut work: impl FnMut() -> anyhow::Result<T> + 'a,
        answer: impl Fn(&T) -> u64 + 'a,
    ) -> Self {
        let run = move || {
            let start = thread_nanos();
            let made = work()?;
            let nanos = thread_nanos() - start;
            Ok(Run { answer: answer(&made), nanos })
        };
        Self { name, run: Box::new(run) }
    }
}

/// Lets all run `n_rounds` times in turns, the first of them being the reference.
pub fn race(n_rounds: u32, mut contenders: Vec<Contender>) -> anyhow::Result<Vec<Timing>> {
    let mut timings = Vec::new();
    let mut agreed = None;
    for contender in &mut contenders {
        let (run, counted) = counted(&mut contender.run);
        let answer = run?.answer;
        let agreed = *agreed.get_or_insert(answer);
        ensure!(agreed == answer, "{} gives another answer than the reference", contender.name);
        let n_allocations = counted.n_allocations;
        timings.push(Timing { name: contender.name, nanos: u64::MAX, n_allocations });
    }
    for _ in 0..n_rounds {
        for (contender, timing) in contenders.iter_mut().zip(&mut timings) {
            let run = (contender.run)()?;
            ensure!(agreed == Some(run.answer), "{} changes its answer", contender.name);
            timing.nanos = timing.nanos.min(run.nanos);
        }
    }
    Ok(timings)
}
