//! Flags that are switched off at once.

use crate::kv_store::{Access, Error, KvStore};

/// The member that stands for all flags.
const ALL: &[u8] = b"*";

/// A prompt off for flags: their keys as the members of a sorted set, which no node keeps.
///
/// A document is a plain value. A node keeps what it has read for some 30 seconds, so a change of the
/// document arrives 30 seconds late there, and while it arrives, requests to different nodes get
/// different answers. Ranges of a sorted set are not kept: what is a member is off everywhere as soon as
/// it is replicated, which takes one or two seconds. It costs each request that asks one host call more,
/// so it is for flags that have to go off *now*: a payment provider, a costly query.
///
/// The key does not begin like those of flags [per key](super::Flags::per_key), `flags:`, so that it is none of
/// them.
///
/// The member `*` is all flags. A killed flag is [`Disabled`](super::Reason::Disabled): the caller's
/// default, whatever the document or an override says.
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::flags::{EvaluationContext, Flags, KillSwitch, Reason};
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new().kv("config", |kv| {
/// #     kv.set("flags", r#"{"flags": {"new-checkout":
/// #             {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#)
/// #         .sorted_set("flags-killed", [(1.0, "new-checkout")])
/// # });
/// # let _installed = edge.install();
///
/// let store = KvStore::open("config")?;
/// // Where it cannot be read, nothing is killed; `KillSwitch::all` for those who fear that more.
/// let killed = KillSwitch::read(&store, "flags-killed").unwrap_or_else(|error| {
///     println!("the kill switch cannot be read: {error}");
///     KillSwitch::none()
/// });
/// let flags = Flags::load(&store, "flags")?.with_kill_switch(killed);
///
/// let checkout = flags.bool_details("new-checkout", false, &EvaluationContext::new());
/// assert_eq!((checkout.value, checkout.reason), (false, Reason::Disabled));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is written with `fastedge-mock flags kill` and `revive`, or with
/// [`Entry::sorted_set`](crate::edge_storage_api::Entry::sorted_set) and
/// [`Entry::remove_members`](crate::edge_storage_api::Entry::remove_members).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KillSwitch(Vec<Vec<u8>>);

impl KillSwitch {
    /// Which flags are killed: one host call. Without the key, none are.
    ///
    /// # Errors
    ///
    /// If the key holds another type, or the host fails.
    pub fn read<A: Access>(store: &KvStore<A>, key: &str) -> Result<Self, Error> {
        let members = store.zrange_by_score(key, f64::NEG_INFINITY, f64::INFINITY)?;
        let members = members.into_iter().map(|(member, _)| member.into_bytes());
        Ok(KillSwitch(members.collect()))
    }

    /// No flag is killed.
    pub fn none() -> Self {
        KillSwitch::default()
    }

    /// All flags are killed.
    pub fn all() -> Self {
        KillSwitch(vec![ALL.to_vec()])
    }

    /// Whether a flag is killed.
    pub fn is_killed(&self, flag_key: &str) -> bool {
        let mut members = self.0.iter();
        members.any(|member| member == ALL || member == flag_key.as_bytes())
    }
}
