//! Deleting what nobody needs any more.

use std::collections::BTreeSet;

use fastedge::blocklist::format::{Malformed, Root, Section};
use fastedge::edge_storage_api::Transport;

use super::PublishError;
use super::state::State;
use super::store::Remote;

/// Deletes what only generations before the last two have. How many keys.
pub(super) fn clean<T: Transport>(
    remote: &Remote<T>,
    state: &mut State,
) -> Result<usize, PublishError> {
    let old = state.to_clean().to_vec();
    let (mut needed, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for &generation in &state.generations {
        let shards = shards_of(remote, generation)?;
        match old.contains(&generation) {
            true => keys.extend(shards),
            false => needed.extend(shards),
        }
    }
    let mut keys: Vec<_> = keys.difference(&needed).cloned().collect();
    // Manifests last: as long as they are there, what is left of the rest can be found.
    for &generation in &old {
        keys.push(remote.sums_key(generation));
        keys.push(remote.manifest_key(generation));
    }
    // A part may have been deleted before, by somebody who was killed then.
    let is_resumed = std::mem::replace(&mut state.is_cleaning, true);
    remote.write(&[remote.state_entry(state)?])?;
    let deleted = remote.delete(&keys, is_resumed)?;
    state.is_cleaning = false;
    state.generations.retain(|one| !old.contains(one));
    remote.write(&[remote.state_entry(state)?])?;
    Ok(deleted)
}

/// The keys of a generation's shards; none if its manifest is gone.
fn shards_of<T: Transport>(
    remote: &Remote<T>,
    generation: u32,
) -> Result<BTreeSet<String>, PublishError> {
    match remote.value(&remote.manifest_key(generation))? {
        Some(manifest) => Ok(shard_keys(&remote.key, &manifest)?),
        None => Ok(BTreeSet::new()),
    }
}

fn shard_keys(key: &str, manifest: &[u8]) -> Result<BTreeSet<String>, Malformed> {
    let root = Root::read(manifest)?;
    let mut keys = BTreeSet::new();
    for (layout, _) in root.layouts() {
        if let Some(Section::Shards(shards)) = root.section(manifest, layout)? {
            for index in 0..shards.len() {
                let generation = shards.generation(index)?;
                keys.insert(format!("{key}:{generation}:{}", shards.place(index)));
            }
        }
    }
    Ok(keys)
}
