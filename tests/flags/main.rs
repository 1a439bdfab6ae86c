//! Feature flags: what documents of flagd resolve to.

mod costs;
mod documents;
mod gherkin;
mod hostile;
mod kill_switch;
mod layouts;
mod overrides;
mod resolution;
mod rollout;
mod testbed;
mod visitors;
