//! Looks after the files that a site is made from.
//!
//! They are looked at several times a second instead of being watched: that works on every file
//! system, and with every editor's way of replacing a file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::site::Site;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// What tells a file from its former self.
type Stamp = Option<(SystemTime, u64)>;

/// Serves anew whatever changes, for ever.
pub(super) async fn watch(site: Arc<Site>) {
    let mut former = stamps(&site);
    // A file is taken when it is twice the same: one that is being written is left alone.
    let mut changing = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now = stamps(&site);
        if now == former {
            changing = None;
            continue;
        }
        if changing.as_ref() != Some(&now) {
            changing = Some(now);
            continue;
        }
        changing = None;
        let changed = changed(&former, &now);
        let told = {
            let site = Arc::clone(&site);
            tokio::task::spawn_blocking(move || site.reload()).await
        };
        let line = match told {
            Ok(Ok(())) => format!("{changed} has changed: serving it"),
            Ok(Err(error)) => {
                format!("{changed} has changed, but what was served before still is: {error}")
            }
            Err(_panicked) => format!("{changed} has changed, and reading it has failed"),
        };
        // Nobody may be reading, which is no reason not to go on.
        let _unread = writeln!(std::io::stderr(), "{line}");
        // A configuration may name other files now.
        former = stamps(&site);
        for (path, stamp) in now {
            // What has changed meanwhile is looked at once more.
            if let Some(slot) = former.iter_mut().find(|(other, _)| *other == path) {
                slot.1 = stamp;
            }
        }
    }
}

fn stamps(site: &Site) -> Vec<(PathBuf, Stamp)> {
    let served = site.served();
    let files = served.files.iter();
    files.map(|file| (file.clone(), stamp(file))).collect()
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn changed(former: &[(PathBuf, Stamp)], now: &[(PathBuf, Stamp)]) -> String {
    let differs = |(path, stamp): &&(PathBuf, Stamp)| {
        !former
            .iter()
            .any(|(other, former)| other == path && former == stamp)
    };
    let changed: Vec<_> = now
        .iter()
        .filter(differs)
        .map(|(path, _)| path.display().to_string())
        .collect();
    changed.join(", ")
}
