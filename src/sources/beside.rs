//! Files beside an input, for templates that are linked by their path.
//!
//! A path is taken from the folder of the input and never leads out of it; who holds the files says what
//! stands at it. Without anyone who does, linked templates are not read.

use super::text::MAX_BYTES;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who holds the files: the bytes at a path from the folder of the input, `nested/net.json`.
type Look = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

/// The files beside an input.
#[derive(Clone, Default)]
pub struct Beside(Option<Arc<Look>>);

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Beside(..)" } else { "Beside(nothing)" })
    }
}

impl Beside {
    /// What the function gives for a path. It is asked only for paths with `/`, without `..`, from the folder of the
    /// input.
    pub fn of(look: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(look)))
    }

    /// The files in the folder of a file and in those below it. A link that leads out of it is not followed.
    pub fn on_disk(file: &Path) -> Self {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Self::of(move |path| {
            let folder = folder.canonicalize().ok()?;
            let found = folder.join(path).canonicalize().ok()?;
            let about = found.metadata().ok()?;
            let is_read = found.starts_with(&folder)
                && about.is_file()
                && usize::try_from(about.len()).is_ok_and(|size| size <= MAX_BYTES);
            if is_read { std::fs::read(found).ok() } else { None }
        })
    }

    /// Whether anyone holds files.
    pub(super) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The bytes at a path.
    pub(super) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.0.as_ref().and_then(|look| look(path))
    }
}

/// The path from the folder of the input to what a file of it calls `relative`; `None` where it leads out of
/// that folder.
pub(super) fn below(from: &str, relative: &str) -> Option<String> {
    let relative = relative.replace('\\', "/");
    if relative.starts_with('/') || relative.contains([':', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for (from, relative, path) in [
            ("main.json", "nested/net.json", Some("nested/net.json")),
            ("main.json", "./nested//net.json", Some("nested/net.json")),
            ("main.json", r"nested\net.json", Some("nested/net.json")),
            ("nested/net.json", "rules.json", Some("nested/rules.json")),
            ("nested/net.json", "../shared/rules.json", Some("shared/rules.json")),
            ("main.json", "nested/../../net.json", None),
            ("main.json", "../net.json", None),
            ("nested/net.json", "../../net.json", None),
            ("main.json", "/etc/net.json", None),
            ("main.json", "C:/net.json", None),
            ("main.json", "https://example.org/net.json", None),
            ("main.json", "", None),
            ("main.json", "..", None),
        ] {
            assert_eq!(below(from, relative).as_deref(), path, "{from} {relative}");
        }
    }
}
