//! The links of a live session beside the first of each venue.

use crate::line::{Line, Start, Want};
use crate::live::Live;

impl Live {
    /// What links to the venue's other sockets are started with.
    pub(super) fn starts_beside(&mut self, first: &Start) -> Vec<Start> {
        let mut starts = Vec::new();
        for number in 0..first.config.n_beside() {
            let Some(link) = self.next_link() else { break };
            let Some(config) = first.config.beside(number, link) else { break };
            let (packets, stop) = (first.packets.clone(), self.shutdown.child_token());
            starts.push(Start { config, packets, stop, now: first.now });
        }
        starts
    }

    /// Further links, second ones before first ones end, and instruments of which nothing comes.
    pub(super) fn look_after_lines(&mut self) {
        let now = self.clock.now();
        for line in self.lines.values_mut() {
            line.look_for_data(&self.engine, now, &mut self.told);
            line.roll_over(&self.engine, now);
        }
        let wants = |line: &Line| {
            line.wants(now).map(|want| (line.config.clone(), want)).collect::<Vec<_>>()
        };
        for (config, want) in self.lines.values().flat_map(wants).collect::<Vec<_>>() {
            let start = match self.start_of(&config) {
                Ok(Some(start)) => start,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(%error, "another link cannot be opened");
                    continue;
                }
            };
            let (start, beside) = match want {
                Want::Next { socket, .. } => (start.at_socket(socket), Vec::new()),
                Want::Another => {
                    let beside = self.starts_beside(&start);
                    (Some(start), beside)
                }
            };
            let Some(start) = start else { continue };
            if let Some(line) = self.lines.get_mut(&config.venue) {
                line.open(want, start, beside);
            }
        }
    }
}
