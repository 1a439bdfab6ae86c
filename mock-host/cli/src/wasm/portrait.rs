//! What a component is, by what it imports and exports.

use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

use super::kind::Kind;
use super::load_error::LoadError;
use super::wasip1::{self, Binary};

/// What a file is, without running it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Portrait {
    /// Which kind of app it is, if it is one.
    pub kind: Option<Kind>,
    /// Whether it is a core module for wasip1, which the platform wraps.
    pub is_core_module: bool,
    /// What it exports.
    pub exports: Vec<Interface>,
    /// What it imports.
    pub imports: Vec<Interface>,
}

/// An interface, as far as a component calls or offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// Its name, with the version.
    pub name: String,
    /// Its functions.
    pub functions: Vec<String>,
}

impl Portrait {
    /// Looks at a component, or a core module for wasip1.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn of(binary: &[u8]) -> Result<Portrait, LoadError> {
        let kind = Binary::of(binary);
        let wrapped;
        let component = match kind {
            Binary::Component => binary,
            Binary::CoreModule => {
                wrapped = wasip1::wrap(binary).map_err(LoadError::CoreModule)?;
                &wrapped
            }
            Binary::NotWasm => return Err(LoadError::NotWasm),
        };
        let decoded = wit_component::decode(component)
            .map_err(|error| LoadError::Invalid(format!("{error:#}")))?;
        let (resolve, world) = match &decoded {
            DecodedWasm::Component(resolve, world) => (resolve, *world),
            DecodedWasm::WitPackage(..) => {
                return Err(LoadError::Invalid("it is only a description".to_owned()));
            }
        };
        let exports = interfaces(resolve, world, |world| &world.exports);
        Ok(Portrait {
            kind: Kind::of_exports(exports.iter().map(|export| export.name.as_str())),
            is_core_module: kind == Binary::CoreModule,
            imports: interfaces(resolve, world, |world| &world.imports),
            exports,
        })
    }
}

fn interfaces(
    resolve: &Resolve,
    world: WorldId,
    items: impl Fn(&wit_parser::World) -> &wit_parser::IndexMap<WorldKey, WorldItem>,
) -> Vec<Interface> {
    let items = items(&resolve.worlds[world]).iter();
    items
        .map(|(key, item)| Interface {
            name: resolve.name_world_key(key),
            functions: match item {
                WorldItem::Interface { id, .. } => {
                    let functions = resolve.interfaces[*id].functions.values();
                    functions.map(|function| short(&function.name)).collect()
                }
                _ => Vec::new(),
            },
        })
        .collect()
}

/// `[method]store.get` as `store.get`.
fn short(name: &str) -> String {
    match name.split_once(']') {
        Some((_, name)) => name.to_owned(),
        None => name.to_owned(),
    }
}
