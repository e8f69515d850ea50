//! Where answers are written: the terminal, or files that are written whole or not at all.

use super::CliError;
use super::args::ColorWhen;
use super::plan::{Format, OutputPlan};
use anstream::{AutoStream, ColorChoice};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes an answer to every place of the plan; `write` gets the format, and whether colours are wanted there.
pub(super) fn deliver(
    plan: &OutputPlan,
    mut write: impl FnMut(Format, bool, &mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    for sink in &plan.sinks {
        let mut text = Vec::new();
        let written = write(sink.format, in_color(plan.color, sink.file.is_none()), &mut text);
        match &sink.file {
            None => written
                .and_then(|()| to_terminal(&text))
                .map_err(|error| CliError::usage(format!("the answer cannot be written: {error}")))?,
            Some(file) => {
                written.map_err(|error| unwritable(file, &error))?;
                whole(file, &text)?;
            }
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
fn to_terminal(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes beside the file and renames, so that nobody reads half an answer.
pub(super) fn whole(file: &Path, text: &[u8]) -> Result<(), CliError> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = Path::new(&beside);
    let written = fs::write(beside, text).and_then(|()| fs::rename(beside, file));
    written.map_err(|error| {
        // What is left of a failed write is of no use; that it cannot be removed changes nothing.
        let _ = fs::remove_file(beside);
        unwritable(file, &error)
    })
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
                let mut beside = file.as_os_str().to_owned();
                beside.push(format!(".{}.part", std::process::id()));
                let beside = Path::new(&beside);
                let mut out = fs::File::create(beside).map_err(|error| unwritable(file, &error))?;
                write(&mut out);
                fs::rename(beside, file).map_err(|error| unwritable(file, &error))
            }
        },
        _ => Err(CliError::usage("a batch is written to one place".into())),
    }
}
