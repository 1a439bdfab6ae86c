//! Core modules for wasip1: wrapped into a component, as the platform does.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

/// What a file is, by its first eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Component,
    CoreModule,
    NotWasm,
}

impl Binary {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0, b'a', b's', b'm', _, _, 1, 0, ..] => Binary::Component,
            [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Binary::CoreModule,
            _ => Binary::NotWasm,
        }
    }
}

/// Wraps a core module, whose custom sections say what it imports and exports.
pub(crate) fn wrap(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| {
            encoder.adapter(
                WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )
        })
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| format!("{error:#}"))
}
