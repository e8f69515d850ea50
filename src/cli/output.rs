//! Where answers are written: the terminal, or files that are written whole or not at all.

use super::CliError;
use super::args::ColorWhen;
use super::plan::{Format, OutputPlan};
use anstream::{AutoStream, ColorChoice};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// An answer may be larger than memory; it is written in pieces of this size.
const BUFFER: usize = 1 << 16;

/// Writes an answer to every place of the plan; `write` gets the format, and whether colours are wanted there.
pub(super) fn deliver(
    plan: &OutputPlan,
    mut write: impl FnMut(Format, bool, &mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    for sink in &plan.sinks {
        let color = in_color(plan.color, sink.file.is_none());
        let buffered = |out: &mut dyn Write, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>| {
            let mut out = BufWriter::with_capacity(BUFFER, out);
            write(&mut out)?;
            out.flush()
        };
        let mut write = |out: &mut dyn Write| write(sink.format, color, out);
        match &sink.file {
            None => or_gone(buffered(&mut io::stdout().lock(), &mut write))
                .map_err(|error| CliError::usage(format!("the answer cannot be written: {error}")))?,
            Some(file) => Replacement::of(file)
                .and_then(|to| to.write(|out| buffered(out, &mut write)))
                .map_err(|error| unwritable(file, &error))?,
        }
    }
    Ok(())
}

/// Colours go to a terminal that shows them, unless NO_COLOR is set; never to a file unless asked for.
fn in_color(when: ColorWhen, terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => terminal && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// A reader that goes away, as in `| head`, is no error.
fn or_gone(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes a file whole or not at all: beside it, then renamed over it. What is no regular file (a device, a
/// pipe) is written through; a link is followed to the file that it names.
pub(super) fn whole(file: &Path, text: &[u8]) -> Result<(), CliError> {
    let out = Replacement::of(file).map_err(|error| unwritable(file, &error))?;
    out.write(|out| out.write_all(text)).map_err(|error| unwritable(file, &error))
}

/// How a file is written.
enum Replacement {
    /// As it is there: nothing can be renamed over it.
    Through(PathBuf),
    /// By a file beside it.
    Beside { target: PathBuf, beside: PathBuf },
}

impl Replacement {
    fn of(file: &Path) -> io::Result<Self> {
        let target = match fs::metadata(file) {
            Ok(meta) if !meta.is_file() => return Ok(Self::Through(file.to_owned())),
            Ok(_) => fs::canonicalize(file)?,
            Err(_) => file.to_owned(),
        };
        let mut beside = target.as_os_str().to_owned();
        beside.push(format!(".{}.part", std::process::id()));
        Ok(Self::Beside { target, beside: PathBuf::from(beside) })
    }

    fn write(&self, write: impl FnOnce(&mut fs::File) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Through(file) => write(&mut fs::OpenOptions::new().write(true).open(file)?),
            Self::Beside { target, beside } => {
                let written = fs::File::create(beside).and_then(|mut out| write(&mut out)).and_then(|()| {
                    // The file keeps the rights that it had.
                    if let Ok(meta) = fs::metadata(target) {
                        fs::set_permissions(beside, meta.permissions())?;
                    }
                    fs::rename(beside, target)
                });
                if written.is_err() {
                    // What is left of a failed write is of no use; that it cannot be removed changes nothing.
                    let _ = fs::remove_file(beside);
                }
                written
            }
        }
    }
}

fn unwritable(file: &Path, error: &io::Error) -> CliError {
    CliError::usage(format!("{}: cannot be written: {error}", file.display()))
}

/// Streams an answer that may be larger than memory to the one place of the plan.
pub(super) fn stream(plan: &OutputPlan, write: impl FnOnce(&mut dyn Write)) -> Result<(), CliError> {
    match &plan.sinks[..] {
        [sink] => match &sink.file {
            None => {
                write(&mut io::stdout().lock());
                Ok(())
            }
            Some(file) => {
                let out = Replacement::of(file).map_err(|error| unwritable(file, &error))?;
                let streamed = out.write(|out| {
                    write(out);
                    Ok(())
                });
                streamed.map_err(|error| unwritable(file, &error))
            }
        },
        _ => Err(CliError::usage("a batch is written to one place".into())),
    }
}

/// An answer never goes over what it was asked of, and no two go to one file.
pub(super) fn must_not_overwrite<'a>(
    plan: &OutputPlan,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), CliError> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let inputs: Vec<PathBuf> = inputs.into_iter().map(|path| real(path)).collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    for file in plan.sinks.iter().filter_map(|sink| sink.file.as_ref()) {
        let target = real(file);
        if inputs.contains(&target) {
            return Err(CliError::usage(format!(
                "{}: is an input; the answer would overwrite it",
                file.display()
            )));
        }
        if seen.contains(&target) {
            return Err(CliError::usage(format!("{}: two answers go to one file", file.display())));
        }
        seen.push(target);
    }
    Ok(())
}
