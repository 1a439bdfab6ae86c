//! Keys that no reader needs any more.

use std::collections::BTreeSet;

use fastedge::edge_storage_api::Transport;

use super::generations::Generations;
use super::store::Remote;
use super::{PublishError, shard_keys};

/// Returns the keys of shards and manifests that only these old generations have.
pub(super) fn keys<T: Transport>(
    remote: &Remote<T>,
    generations: &Generations,
    old: &[u32],
    root: Option<&[u8]>,
) -> Result<Vec<String>, PublishError> {
    let (mut needed, mut keys) = (BTreeSet::new(), BTreeSet::new());
    if let Some(root) = root {
        needed.extend(shard_keys(&remote.key, &remote.key, root)?);
    }
    for flip in generations.pointed() {
        let own = remote.manifest_key(flip.generation);
        let is_old = old.contains(&flip.generation);
        match remote.record(flip.generation)? {
            Some(record) if is_old => keys.extend(shard_keys(&remote.key, &own, &record.root)?),
            Some(record) => needed.extend(shard_keys(&remote.key, &own, &record.root)?),
            // Its record is deleted last, so all the rest is deleted.
            None if is_old => {}
            // The shards that it needs are not known.
            None => {
                let key = remote.record_key(flip.generation);
                return Err(PublishError::Missing { key });
            }
        }
    }
    let mut keys: Vec<_> = keys.difference(&needed).cloned().collect();
    keys.extend(old.iter().map(|old| remote.manifest_key(*old)));
    Ok(keys)
}
