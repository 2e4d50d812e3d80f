//! What a language remembers between frames, as text: it goes into images, and comes back as it was.

use std::collections::{BTreeMap, HashMap, HashSet};

use market::LinkId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::image::{Memory, Restored};

/// All that a language remembers, whichever link it is of.
#[derive(Serialize, Deserialize)]
struct State<T> {
    state: T,
}

/// What is to be remembered; nothing while there is nothing to tell.
pub(crate) fn remember<T: Serialize + Default>(state: &T) -> Vec<Memory> {
    let text = |state: &T| {
        let text = serde_json::to_string(&State { state });
        text.expect("what is remembered holds only what JSON can hold")
    };
    let now = text(state);
    if now == text(&T::default()) {
        return Vec::new();
    }
    vec![Memory { link: LinkId(0), text: now }]
}

/// What was remembered, when an image tells it.
pub(crate) fn recall<T: DeserializeOwned>(restored: &Restored) -> Option<T> {
    let mut texts = restored.memory.iter();
    texts.find_map(|(_, text)| serde_json::from_str::<State<T>>(text).ok()).map(|of| of.state)
}

/// A map by the order of its keys, so that the same state is always the same text.
pub(crate) fn sorted<K: Ord + Serialize, V: Serialize, S: Serializer>(
    map: &HashMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().collect::<BTreeMap<_, _>>())
}

/// A set in order.
pub(crate) fn sorted_set<K: Ord + Serialize, S: Serializer>(
    set: &HashSet<K>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut keys: Vec<&K> = set.iter().collect();
    keys.sort();
    serializer.collect_seq(keys)
}

/// Maps whose keys are pairs, which JSON has no keys for.
pub(crate) mod pairs {
    use super::*;

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Ord + Deserialize<'de>,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
