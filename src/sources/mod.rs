//! Input files to values with places: one file a form.
//!
//! In: bytes of a template, a parameter file or an answer of Azure's. Out: values that remember file, line,
//! column and key path, resources of templates, and findings about the files themselves.
//! Pure so far: the caller reads the files and hands in their text.
//!
//! Not here: what a network is (`network`), what a rule means (`rules`), wording of reports (`report`).

pub mod arm;
pub mod json;
