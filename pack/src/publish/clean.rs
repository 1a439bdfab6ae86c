//! What nobody needs any more.

use std::collections::BTreeSet;

use fastedge::blocklist::format::Section;
use fastedge::edge_storage_api::Transport;

use super::state::State;
use super::store::Remote;
use super::{PublishError, read_root};

/// The keys that only these old generations have.
pub(super) fn keys<T: Transport>(
    remote: &Remote<T>,
    state: &State,
    old: &[u32],
    root: Option<&[u8]>,
) -> Result<Vec<String>, PublishError> {
    let (mut needed, mut keys) = (BTreeSet::new(), BTreeSet::new());
    if let Some(root) = root {
        needed.extend(shard_keys(&remote.key, &remote.key, root)?);
    }
    for flip in &state.flips {
        let own = remote.manifest_key(flip.generation);
        let is_old = old.contains(&flip.generation);
        match remote.value(&own)? {
            Some(manifest) if is_old => keys.extend(shard_keys(&remote.key, &own, &manifest)?),
            Some(manifest) => needed.extend(shard_keys(&remote.key, &own, &manifest)?),
            // An old one may have been deleted before, with all that it had.
            None if is_old => {}
            // What it needs is not known.
            None => return Err(PublishError::Missing { key: own }),
        }
    }
    let mut keys: Vec<_> = keys.difference(&needed).cloned().collect();
    // Manifests last: as long as they are there, what is left of the rest can be found.
    for &generation in old {
        keys.push(remote.sums_key(generation));
        keys.push(remote.manifest_key(generation));
    }
    Ok(keys)
}

/// The keys of the shards that a manifest names.
fn shard_keys(list: &str, at: &str, manifest: &[u8]) -> Result<BTreeSet<String>, PublishError> {
    let malformed = |error: fastedge::blocklist::format::Malformed| PublishError::NotAList {
        key: at.to_owned(),
        reason: error.to_string(),
    };
    let root = read_root(at, manifest)?;
    let mut keys = BTreeSet::new();
    for (layout, _) in root.layouts() {
        let section = root.section(manifest, layout).map_err(malformed)?;
        if let Some(Section::Shards(shards)) = section {
            for index in 0..shards.len() {
                let generation = shards.generation(index).map_err(malformed)?;
                keys.insert(format!("{list}:{generation}:{}", shards.place(index)));
            }
        }
    }
    Ok(keys)
}
