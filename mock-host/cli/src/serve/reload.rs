//! Looks after the files that a site is made from.
//!
//! They are looked at several times a second instead of being watched: that works on every file
//! system, and with every editor's way of replacing a file.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::site::Site;
use crate::stamp::Stamp;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// Serves anew whatever changes, for ever.
pub(super) async fn watch(site: Arc<Site>) {
    // As they were read.
    let mut former = site.files();
    // A file is taken when it is twice the same: one that is being written is left alone.
    let mut changing = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now: Vec<Stamp> = former.iter().map(Stamp::again).collect();
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
        // The configuration may name other files now, those that are missing too.
        former = site.files();
        // Nobody may be reading, which is no reason not to go on.
        let _unread = writeln!(std::io::stderr(), "{line}");
    }
}

fn changed(former: &[Stamp], now: &[Stamp]) -> String {
    let changed = now.iter().filter(|stamp| !former.contains(stamp));
    let changed: Vec<_> = changed
        .map(|stamp| stamp.path.display().to_string())
        .collect();
    changed.join(", ")
}
