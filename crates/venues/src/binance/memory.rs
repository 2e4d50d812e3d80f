//! What is remembered of Binance beyond an image: by symbols, since positions differ from file to file.

use std::collections::BTreeMap;

use market::LinkId;
use serde::{Deserialize, Serialize};

use super::decode::Decode;
use super::links::Link;
use super::tape::Tape;
use crate::image::{Memory, Restored};
use crate::remember::{recall, remember};
use crate::table::Table;

#[derive(Default, Serialize, Deserialize)]
struct State {
    links: BTreeMap<LinkId, Link>,
    tapes: BTreeMap<String, Tape>,
}

impl Decode {
    pub(super) fn remembered(&self, table: &Table) -> Vec<Memory> {
        let links = self.links.iter().map(|(link, known)| (link, known.by_symbol(table)));
        let tapes = self.tapes.iter().zip(table.instruments());
        let heard = tapes.filter(|(tape, _)| **tape != Tape::Unheard);
        remember(&State {
            links: links.collect(),
            tapes: heard.map(|(tape, of)| (of.symbol.clone(), *tape)).collect(),
        })
    }

    pub(super) fn recall(&mut self, restored: &Restored, table: &Table) {
        let Some(State { links, tapes }) = recall(restored) else { return };
        self.links.replace(links);
        self.tapes.clear();
        for (symbol, tape) in tapes {
            if let Some(index) = table.index(&symbol) {
                self.is_tape(index, tape);
            }
        }
    }
}
