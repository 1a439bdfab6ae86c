//! Apps as packages: found by name, and built as components.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{CrateType, Message, Metadata, MetadataCommand, Package, TargetKind};

use crate::suggestion::did_you_mean;

/// What components are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// A package whose library is a component.
#[derive(Clone, Debug)]
pub struct AppPackage {
    name: String,
    folder: PathBuf,
    /// Components have a target folder of their own: a running `cargo test` holds no lock on it,
    /// and the features of native builds do not leak into it.
    target_folder: PathBuf,
}

/// A component that was built.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Built {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub binary: Vec<u8>,
}

/// Why an app could not be found or built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// There is no package to look in.
    #[error(
        "{app:?} is no file, and there is no package here to find an app of that name in: {reason}"
    )]
    NoWorkspace {
        /// What was asked for.
        app: String,
        /// What cargo said.
        reason: String,
    },
    /// No package has this name.
    #[error("{app:?} is neither a file nor an app here: {}", hint(.app, .apps))]
    NoSuchApp {
        /// What was asked for.
        app: String,
        /// The apps that there are.
        apps: Vec<String>,
    },
    /// The toolchain cannot build components, and this could not be helped.
    #[error(
        "the target {target} is not installed, and installing it failed: {reason}\n\
         Install it with: rustup target add {target}"
    )]
    NoTarget {
        /// The target.
        target: String,
        /// What the installer said.
        reason: String,
    },
    /// The build failed; cargo has said why.
    #[error("building {0} failed")]
    Build(String),
    /// The build made no component.
    #[error(
        "building {0} made no component: `cdylib` has to be among the crate-types of its library"
    )]
    NoComponent(String),
    /// Something else.
    #[error("{what}: {reason}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        reason: String,
    },
}

fn hint(app: &str, apps: &[String]) -> String {
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    match apps[..] {
        [] => "there are no apps (libraries of crate-type `cdylib`) in this workspace".to_owned(),
        _ => did_you_mean(app, &apps),
    }
}

impl AppPackage {
    /// Finds an app, by its package's name or folder, in the workspace that `start` is in.
    ///
    /// # Errors
    ///
    /// If there is no workspace, or no such app in it.
    pub fn find(start: &Path, app: &str) -> Result<AppPackage, PackageError> {
        let metadata = MetadataCommand::new()
            .current_dir(start)
            .no_deps()
            .exec()
            .map_err(|error| PackageError::NoWorkspace {
                app: app.to_owned(),
                reason: error.to_string().trim().to_owned(),
            })?;
        let folder = std::path::absolute(start.join(app)).ok();
        let folder = folder.and_then(|folder| folder.canonicalize().ok());
        let apps = || metadata.workspace_packages().into_iter().filter(is_app);
        let is_meant = |package: &&Package| {
            package.name.as_str() == app
                || package.manifest_path.parent().map(|f| f.as_std_path()) == folder.as_deref()
        };
        match apps().find(is_meant) {
            Some(package) => Ok(AppPackage::new(package, &metadata)),
            None => Err(PackageError::NoSuchApp {
                app: app.to_owned(),
                apps: apps().map(|package| package.name.to_string()).collect(),
            }),
        }
    }

    fn new(package: &Package, metadata: &Metadata) -> Self {
        let folder = package.manifest_path.parent();
        AppPackage {
            name: package.name.to_string(),
            folder: folder
                .map(|f| f.as_std_path().to_owned())
                .unwrap_or_default(),
            target_folder: metadata.target_directory.as_std_path().join("fastedge"),
        }
    }

    /// The package's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Builds the component, in release mode; cargo says on stderr what it does. Installs the
    /// target where it is missing. Only one build of a workspace's components runs at a time.
    ///
    /// # Errors
    ///
    /// If the target is missing and cannot be installed, or the build fails.
    pub fn build(&self) -> Result<Built, PackageError> {
        self.build_for(TARGET)
    }

    /// Like [`build`](Self::build), for another target: for `wasm32-wasip1` it makes a core module.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build).
    pub fn build_for(&self, target: &str) -> Result<Built, PackageError> {
        let io = |what: &str, error: std::io::Error| PackageError::Io {
            what: what.to_owned(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(&self.target_folder)
            .map_err(|error| io(&self.target_folder.display().to_string(), error))?;
        let lock_path = self.target_folder.join(".component.lock");
        let lock = File::create(&lock_path)
            .and_then(|lock| lock.lock().map(|()| lock))
            .map_err(|error| io(&lock_path.display().to_string(), error))?;
        self.install_target(target)?;
        let path = self.run_cargo(target)?;
        // Read under the lock: the next build replaces the file.
        let binary =
            std::fs::read(&path).map_err(|error| io(&path.display().to_string(), error))?;
        drop(lock);
        Ok(Built { path, binary })
    }

    fn run_cargo(&self, target: &str) -> Result<PathBuf, PackageError> {
        let failed = || PackageError::Build(self.name.clone());
        let mut child = self
            .tool("CARGO", "cargo")
            .args([
                "build",
                "--release",
                "--message-format=json-render-diagnostics",
            ])
            .args(["--target", target, "--package", &self.name, "--target-dir"])
            .arg(&self.target_folder)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| PackageError::Io {
                what: "cargo cannot be run".to_owned(),
                reason: error.to_string(),
            })?;
        let messages = child.stdout.take().ok_or_else(failed)?;
        let component = Message::parse_stream(BufReader::new(messages))
            .filter_map(Result::ok)
            .filter_map(|message| match message {
                Message::CompilerArtifact(artifact) => Some(artifact),
                _ => None,
            })
            .filter(|artifact| artifact.target.kind.contains(&TargetKind::CDyLib))
            .filter(|artifact| {
                artifact
                    .manifest_path
                    .as_std_path()
                    .starts_with(&self.folder)
            })
            .flat_map(|artifact| artifact.filenames)
            .filter(|file| file.extension() == Some("wasm"))
            .last();
        match child.wait() {
            Ok(status) if status.success() => {}
            _ => return Err(failed()),
        }
        component
            .map(|file| file.into_std_path_buf())
            .ok_or_else(|| PackageError::NoComponent(self.name.clone()))
    }

    fn install_target(&self, target: &str) -> Result<(), PackageError> {
        // Where it cannot be told, the build tells.
        let Some(folder) = self.target_libraries(target) else {
            return Ok(());
        };
        if folder.is_dir() {
            return Ok(());
        }
        let _unread = writeln!(
            std::io::stderr(),
            "The target {target} is missing: rustup target add {target}"
        );
        let failed = |reason: String| PackageError::NoTarget {
            target: target.to_owned(),
            reason: format!("rustup: {reason}"),
        };
        let installed = self
            .tool("", "rustup")
            .args(["target", "add", target])
            .status();
        match installed {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(failed(status.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Where the target's standard library is, if it is installed.
    fn target_libraries(&self, target: &str) -> Option<PathBuf> {
        let output = self
            .tool("RUSTC", "rustc")
            .args(["--print", "target-libdir", "--target", target])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let folder = String::from_utf8(output.stdout).ok()?;
        (output.status.success()).then(|| PathBuf::from(folder.trim()))
    }

    fn tool(&self, variable: &str, name: &str) -> Command {
        let tool = std::env::var_os(variable).unwrap_or_else(|| name.into());
        let mut command = Command::new(tool);
        command.current_dir(&self.folder);
        command
    }
}

fn is_app(package: &&Package) -> bool {
    package
        .targets
        .iter()
        .any(|target| target.crate_types.contains(&CrateType::CDyLib))
}
