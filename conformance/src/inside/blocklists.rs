//! Packed lists.

use std::net::IpAddr;

use fastedge::blocklist::{Decision, IpList};

use super::Ground;
use crate::case::Case;
use crate::check::{Seen, Verdict, ensure, ensure_eq};

pub(super) const CASES: &[Case] =
    &[Case::inside("sdk-blocklist", &[], addresses).of(&["blocklist"])];

fn addresses(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let threats = IpList::new(&store, "threats");
    let questions = [
        ("192.0.2.255", true),
        ("192.0.3.0", false),
        ("198.51.100.9", true),
        ("198.51.100.10", false),
        ("2001:db8:ffff::1", true),
        ("2001:db9::", false),
        ("::ffff:192.0.2.1", true),
    ];
    for (address, wanted) in questions {
        let address: IpAddr = address.parse()?;
        let is_listed = threats.check(address)?.is_listed();
        ensure_eq!(is_listed, wanted, "whether {address} is listed");
    }
    let missing = IpList::new(&store, "no-such-list").check(IpAddr::from([192, 0, 2, 1]));
    let decision = Decision::fail_closed(missing);
    ensure!(
        decision.is_listed(),
        "a missing list that fails closed lets in"
    );
    ensure!(decision.fell_back().is_some(), "it does not say why");
    Ok(Seen::AsPromised)
}
