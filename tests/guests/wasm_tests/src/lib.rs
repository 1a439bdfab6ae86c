//! Nothing but its tests, which are run as components.
