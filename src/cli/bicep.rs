//! Bicep sources, compiled on request (`--bicep`) by the program that the user has: `bicep`, else `az`.
//!
//! Only what these print is read; no file is written. Without `--bicep` nothing is run, and the error names
//! the command.

use super::CliError;
use super::files::bytes;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// On Windows the Azure CLI is a script, which is only found by its whole name.
const AZ: &str = if cfg!(windows) { "az.cmd" } else { "az" };

/// What a Bicep source compiles to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Product {
    /// `.bicep`: a template.
    Template,
    /// `.bicepparam`: a parameter file.
    Parameters,
}

impl Product {
    /// By the end of the file's name; `None` where it is no Bicep source.
    fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?;
        [("bicep", Self::Template), ("bicepparam", Self::Parameters)]
            .into_iter()
            .find_map(|(name, product)| end.eq_ignore_ascii_case(name).then_some(product))
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Template => "build",
            Self::Parameters => "build-params",
        }
    }
}

/// The bytes of a file; of a Bicep source what it compiles to, where `compile` asks for that.
pub(super) fn compiled(path: &Path, compile: bool) -> Result<Vec<u8>, CliError> {
    match Product::of(path).filter(|_| compile) {
        None => bytes(path),
        Some(product) => {
            let printed = run(path, product)?;
            match product {
                Product::Template => Ok(printed),
                Product::Parameters => parameters_in(&printed, path),
            }
        }
    }
}

/// How the compiled text of a file is named in places: its lines are not the source's.
pub(super) fn name_of(path: &Path, name: String, compile: bool) -> String {
    if compile && Product::of(path).is_some() { format!("{name} (compiled)") } else { name }
}

fn run(path: &Path, product: Product) -> Result<Vec<u8>, CliError> {
    let shown = path.display();
    let verb = product.verb();
    let file = path.as_os_str();
    let bicep = attempt("bicep", &[verb.as_ref(), file, "--stdout".as_ref()])?;
    let az = || attempt(AZ, &["bicep".as_ref(), verb.as_ref(), "--file".as_ref(), file, "--stdout".as_ref()]);
    let (program, output) = match bicep {
        Some(output) => ("bicep", output),
        None => match az()? {
            Some(output) => ("az bicep", output),
            None => {
                return Err(CliError::usage(format!(
                    "{shown}: neither `bicep` nor `az` is on the PATH; compile it where they are, with `az bicep {verb} --file {shown}`, and give the JSON file"
                )));
            }
        },
    };
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(CliError::usage(format!("{shown}: `{program} {verb}` failed: {}", said.trim())))
}

/// Runs a program; `None` where there is no such program.
fn attempt(program: &str, arguments: &[&OsStr]) -> Result<Option<Output>, CliError> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CliError::usage(format!("`{program}` cannot be run: {error}"))),
    }
}

/// `build-params --stdout` prints an object with the parameter file as a text inside.
fn parameters_in(printed: &[u8], path: &Path) -> Result<Vec<u8>, CliError> {
    let inside = serde_json::from_slice::<serde_json::Value>(printed).ok().and_then(|printed| {
        printed.get("parametersJson").and_then(|text| text.as_str()).map(|text| text.as_bytes().to_vec())
    });
    inside.ok_or_else(|| {
        CliError::usage(format!(
            "{}: what `build-params` printed has no `parametersJson`; write the file with `az bicep build-params --file {}` and give the JSON file",
            path.display(),
            path.display()
        ))
    })
}
