//! What is printed: the promises with what they came to, then a table for each.

use crate::race::Timing;

/// A promise and what it came to.
#[derive(Debug)]
pub struct Promise {
    /// Number of the line.
    pub line: u8,
    /// What is promised.
    pub what: String,
    /// What was aimed for.
    pub goal: String,
    /// What was measured.
    pub measured: String,
    /// Whether the goal was reached; `None` where the goal is of another machine.
    pub is_reached: Option<bool>,
    /// Whether the least that must hold does: nothing slower than the reference.
    pub holds: bool,
}

/// All that is printed.
#[derive(Debug, Default)]
pub struct Report {
    promises: Vec<Promise>,
    details: String,
}

impl Report {
    /// Adds a promise.
    pub fn promise(&mut self, promise: Promise) {
        self.promises.push(promise);
    }

    /// Begins the details of a line.
    pub fn heading(&mut self, text: &str) {
        self.text(&format!("\n### {text}\n"));
    }

    /// Adds a line of text.
    pub fn text(&mut self, text: &str) {
        self.details.push_str(text);
        self.details.push('\n');
    }

    /// Adds the table of a race over so many frames; the first contender is the reference.
    pub fn race(&mut self, timings: &[Timing], n_frames: usize, bytes: usize) {
        self.text("\n| contender | ns a frame | frames/s | MB/s | allocations a frame | × |");
        self.text("| --- | --: | --: | --: | --: | --: |");
        for timing in timings {
            let frames = n_frames as f64;
            let row = format!(
                "| {} | {:.0} | {:.2} M | {:.0} | {:.2} | {:.2} |",
                timing.name,
                timing.nanos as f64 / frames,
                frames * 1e3 / timing.nanos as f64,
                bytes as f64 * 1e3 / timing.nanos as f64,
                timing.n_allocations as f64 / frames,
                ratio(&timings[0], timing),
            );
            self.text(&row);
        }
    }

    /// Whether every promise holds.
    pub fn holds(&self) -> bool {
        self.promises.iter().all(|promise| promise.holds)
    }

    /// The whole as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::from("| # | what | aim | measured | reached |\n");
        out.push_str("| --: | --- | --- | --- | --- |\n");
        let mut promises: Vec<&Promise> = self.promises.iter().collect();
        promises.sort_by_key(|promise| promise.line);
        for promise in promises {
            let reached = match (promise.holds, promise.is_reached) {
                (false, _) => "**broken**",
                (true, Some(true)) => "yes",
                (true, Some(false)) => "not yet",
                (true, None) => "–",
            };
            let Promise { line, what, goal, measured, .. } = promise;
            let row = format!("| {line} | {what} | {goal} | **{measured}** | {reached} |\n");
            out.push_str(&row);
        }
        out.push_str(&self.details);
        out
    }
}

/// How many times faster than the reference a contender is.
pub fn ratio(reference: &Timing, timing: &Timing) -> f64 {
    reference.nanos as f64 / timing.nanos as f64
}
