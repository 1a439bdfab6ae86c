//! `fastedge-mock new`: an app to begin with.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Error;
use super::out::Out;

/// The template's files, but for the one that only `cargo generate` needs.
const FILES: [(&str, &str); 9] = [
    (
        ".cargo/config.toml",
        include_str!("../../template/.cargo/config.toml"),
    ),
    (
        ".github/workflows/ci.yml",
        include_str!("../../template/.github/workflows/ci.yml"),
    ),
    (".gitignore", include_str!("../../template/.gitignore")),
    ("Cargo.toml", include_str!("../../template/Cargo.toml")),
    ("README.md", include_str!("../../template/README.md")),
    (
        "fastedge.toml",
        include_str!("../../template/fastedge.toml"),
    ),
    (
        "requests.toml",
        include_str!("../../template/requests.toml"),
    ),
    (
        "rust-toolchain.toml",
        include_str!("../../template/rust-toolchain.toml"),
    ),
    ("src/lib.rs", include_str!("../../template/src/lib.rs")),
];

/// What stands for the app's name.
const NAME: &str = "{{project-name}}";

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Where the app is made: a folder that is not there yet, or is empty. Its last part is the app's name.
    folder: PathBuf,

    /// The app's name, if it is another one.
    #[arg(long)]
    name: Option<String>,

    /// A checkout of the SDK that the app depends on, in place of the published packages [default: the one that this
    /// command was built from, as long as it is there].
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let name = self.name()?;
        let sdk = match &self.sdk {
            Some(sdk) if is_checkout(sdk) => Some(sdk.canonicalize()?),
            Some(sdk) => {
                return Err(format!("{} is no checkout of the SDK", sdk.display()).into());
            }
            None => built_from(),
        };
        check_is_free(&self.folder)?;
        for (file, text) in FILES {
            let mut text = text.replace(NAME, &name);
            if let (Some(sdk), "Cargo.toml") = (&sdk, file) {
                text = depending_on(&text, sdk);
            }
            let path = self.folder.join(file);
            write(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let folder = self.folder.display();
        Out::new().line(&format!(
            "{folder} is an app. Try it:\n    cd {folder}\n    cargo test\n    fastedge-mock serve ."
        ))
    }

    /// The app's name, which has to be one of a package.
    fn name(&self) -> Result<String, Error> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => {
                let last = self.folder.file_name().and_then(|name| name.to_str());
                last.ok_or("the folder has no name: give the app's with --name")?
                    .to_owned()
            }
        };
        let is_one = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        match is_one {
            true => Ok(name),
            false => Err(format!(
                "{name:?} cannot be a package's name: it begins with a letter, and is of letters, digits, - and _; give \
                 another one with --name"
            )
            .into()),
        }
    }
}

fn check_is_free(folder: &Path) -> Result<(), Error> {
    let has_files = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(format!("{}: {error}", folder.display()).into()),
    };
    match has_files {
        true => Err(format!(
            "{} is there already, and not empty: nothing is written",
            folder.display()
        )
        .into()),
        false => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

/// The checkout that this command was built from, if it is one and still there.
fn built_from() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    is_checkout(&root).then(|| root.canonicalize().ok())?
}

fn is_checkout(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
    manifest.is_ok_and(|text| text.contains("name = \"fastedge-sdk\""))
}

/// The manifest with the packages of a checkout.
fn depending_on(manifest: &str, sdk: &Path) -> String {
    let mock_host = sdk.join("mock-host");
    let path = |folder: &Path| format!("{{ path = {:?} }}", folder.display().to_string());
    manifest
        .replace(
            "fastedge-sdk = \"0.1\"",
            &format!("fastedge-sdk = {}", path(sdk)),
        )
        .replace(
            "fastedge-mock-host = \"0.1\"",
            &format!("fastedge-mock-host = {}", path(&mock_host)),
        )
}
