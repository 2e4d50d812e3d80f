//! Medians and tails of the last samples, for the status bar.

/// Samples kept: some seconds of frames.
const N_SAMPLES: usize = 512;

/// A ring of the last latencies.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    samples_us: Vec<u32>,
    next: usize,
}

impl Latencies {
    /// Takes one sample in nanoseconds; a negative one (a clock that stepped) counts as zero.
    pub fn add(&mut self, nanos: i64) {
        let micros = u32::try_from(nanos.max(0) / 1_000).unwrap_or(u32::MAX);
        if self.samples_us.len() < N_SAMPLES {
            self.samples_us.push(micros);
        } else {
            self.samples_us[self.next] = micros;
        }
        self.next = (self.next + 1) % N_SAMPLES;
    }

    /// Forgets all samples.
    pub fn clear(&mut self) {
        self.samples_us.clear();
        self.next = 0;
    }

    /// Median and 99th percentile in ms; `None` before the first sample.
    pub fn p50_p99_ms(&self) -> Option<(f64, f64)> {
        let mut sorted = self.samples_us.clone();
        sorted.sort_unstable();
        let last = sorted.len().checked_sub(1)?;
        let at = |percent: usize| f64::from(sorted[last * percent / 100]) / 1_000.0;
        Some((at(50), at(99)))
    }
}

#[cfg(test)]
mod tests {
    use super::Latencies;

    #[test]
    fn the_tail_is_told_apart_from_the_median() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.p50_p99_ms(), None);
        for sample in 1..=100 {
            latencies.add(sample * 1_000_000);
        }
        assert_eq!(latencies.p50_p99_ms(), Some((50.0, 99.0)));
    }

    #[test]
    fn old_samples_are_forgotten() {
        let mut latencies = Latencies::default();
        latencies.add(9_000_000_000);
        for _ in 0..512 {
            latencies.add(1_000_000);
        }
        assert_eq!(latencies.p50_p99_ms(), Some((1.0, 1.0)));
    }
}
